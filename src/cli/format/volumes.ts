import type { JsonView } from '../json.ts';
import { rowValue, stringValue, type Value } from '../template/value.ts';
import { humanSize } from '../../grammar/units.ts';

export const volumeHeadings = {
  Name: 'VOLUME NAME',
  Driver: 'DRIVER',
  Scope: 'SCOPE',
  Mountpoint: 'MOUNTPOINT',
  Labels: 'LABELS',
  Links: 'LINKS',
  Size: 'SIZE',
  Availability: 'AVAILABILITY',
  Group: 'GROUP',
  Status: 'STATUS',
};

export function volumeRow(volume: JsonView): Value {
  const text = (value: string): Value => stringValue(value);
  const usage = volume.get('UsageData');
  const labels = volume.labels('Labels');
  return rowValue(
    '*formatter.volumeContext',
    {
      Availability: () => text('N/A'),
      Driver: () => text(volume.string('Driver')),
      Group: () => text('N/A'),
      Labels: () => text(labels.map(([key, value]) => `${key}=${value}`).join(',')),
      Links: () => text(usage.isNull ? 'N/A' : String(usage.number('RefCount'))),
      Mountpoint: () => text(volume.string('Mountpoint')),
      Name: () => text(volume.string('Name')),
      Scope: () => text(volume.string('Scope')),
      Size: () => text(usage.isNull ? 'N/A' : humanSize(usage.number('Size'))),
      Status: () => text('N/A'),
    },
    { Label: ([name]) => text(labels.find(([key]) => name?.kind === 'string' && key === name.value)?.[1] ?? '') },
  );
}
