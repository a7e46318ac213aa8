import { isObject, JsonView } from '../json.ts';
import { sprint } from '../template/print.ts';
import { rowValue, stringValue, type Value } from '../template/value.ts';
import { containerHeadings, containerRow } from './containers.ts';
import { imageHeadings, imageRow, namesOf } from './images.ts';
import { volumeRow } from './volumes.ts';
import { humanDuration, humanSize, shortId } from '../../grammar/units.ts';

export const usageTable = 'table {{.Type}}\\t{{.TotalCount}}\\t{{.Active}}\\t{{.Size}}\\t{{.Reclaimable}}';
export const usageHeadings = { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' };

interface Share {
  readonly type: string;
  readonly goType: string;
  readonly count: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
  /** Says how much of the whole could go. */
  readonly percent: boolean;
}

const sum = (items: readonly JsonView[], sizeOf: (item: JsonView) => number): number =>
  items.reduce((total, item) => total + sizeOf(item), 0);

/** A row for each kind of things. */
export function usageRows(usage: JsonView): readonly Value[] {
  return [imageShare(usage), containerShare(usage), volumeShare(usage), cacheShare(usage)].map(shareRow);
}

function shareRow({ type, goType, count, active, size, reclaimable, percent }: Share): Value {
  const text = (value: string): Value => stringValue(value);
  const share = percent && size > 0 ? ` (${Math.trunc(Math.min(reclaimable * 100, Number.MAX_VALUE) / size)}%)` : '';
  return rowValue(goType, {
    Type: () => text(type),
    TotalCount: () => text(String(count)),
    Active: () => text(String(active)),
    Size: () => text(humanSize(size)),
    Reclaimable: () => text(humanSize(reclaimable) + share),
  });
}

function imageShare(usage: JsonView): Share {
  const images = usage.list('Images');
  const size = usage.number('LayersSize');
  const used = sum(images, (image) => {
    const unknown = image.number('Size') === -1 || image.number('SharedSize') === -1;
    return image.number('Containers') === 0 || unknown ? 0 : image.number('Size') - image.number('SharedSize');
  });
  const active = images.filter((image) => image.number('Containers') > 0).length;
  return {
    type: 'Images',
    goType: '*formatter.diskUsageImagesContext',
    count: images.length,
    active,
    size,
    reclaimable: size - used,
    percent: true,
  };
}

const activeStates = ['running', 'paused', 'restarting'];

function containerShare(usage: JsonView): Share {
  const containers = usage.list('Containers');
  const isActive = (container: JsonView): boolean => activeStates.some((state) => container.string('State').includes(state));
  const idle = containers.filter((container) => !isActive(container));
  return {
    type: 'Containers',
    goType: '*formatter.diskUsageContainersContext',
    count: containers.length,
    active: containers.length - idle.length,
    size: sum(containers, (container) => container.number('SizeRw')),
    reclaimable: sum(idle, (container) => container.number('SizeRw')),
    percent: true,
  };
}

function volumeShare(usage: JsonView): Share {
  const volumes = usage.list('Volumes');
  const references = (volume: JsonView): number => volume.get('UsageData').number('RefCount');
  const known = volumes.filter((volume) => volume.get('UsageData').number('Size') !== -1);
  const sizeOf = (volume: JsonView): number => volume.get('UsageData').number('Size');
  return {
    type: 'Local Volumes',
    goType: '*formatter.diskUsageVolumesContext',
    count: volumes.length,
    active: volumes.filter((volume) => references(volume) > 0).length,
    size: sum(known, sizeOf),
    reclaimable: sum(
      known.filter((volume) => references(volume) === 0),
      sizeOf,
    ),
    percent: true,
  };
}

function cacheShare(usage: JsonView): Share {
  const caches = usage.list('BuildCache');
  const own = caches.filter((cache) => !cache.bool('Shared'));
  return {
    type: 'Build Cache',
    goType: '*formatter.diskUsageBuilderContext',
    count: caches.length,
    active: caches.filter((cache) => cache.bool('InUse')).length,
    size: sum(own, (cache) => cache.number('Size')),
    reclaimable: sum(
      own.filter((cache) => !cache.bool('InUse')),
      (cache) => cache.number('Size'),
    ),
    percent: false,
  };
}

export interface UsageSection {
  /** Its name in JSON. */
  readonly name: string;
  readonly title: string;
  readonly format: string;
  readonly headings: Readonly<Record<string, string>>;
  readonly rows: readonly Value[];
}

/** `-v`: a table for each kind. @param now milliseconds since the epoch @param truncate as tables do */
export function usageSections(usage: JsonView, now: number, truncate: boolean): readonly UsageSection[] {
  const caches = [...usage.list('BuildCache')].sort(byLastUse);
  const ownCache = sum(
    caches.filter((cache) => !cache.bool('Shared')),
    (cache) => cache.number('Size'),
  );
  return [
    {
      name: 'Images',
      title: 'Images space usage:',
      format:
        'table {{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}\\t{{.SharedSize}}\\t{{.UniqueSize}}\\t{{.Containers}}',
      headings: imageHeadings,
      rows: usage.list('Images').map((image) => {
        // The first of its tags stands for the image.
        const tagged = namesOf(image, false, false).find(({ tag }) => tag !== '<none>');
        return imageRow(image, { repository: '<none>', tag: '<none>', ...tagged, digest: '' }, truncate, now);
      }),
    },
    {
      name: 'Containers',
      title: 'Containers space usage:',
      format: 'table {{.ID}}\\t{{.Image}}\\t{{.Command}}\\t{{.LocalVolumes}}\\t{{.Size}}\\t{{.RunningFor}}\\t{{.Status}}\\t{{.Names}}',
      headings: containerHeadings,
      rows: usage.list('Containers').map((container) => containerRow(withoutRoot(container), truncate, now)),
    },
    {
      name: 'Volumes',
      title: 'Local Volumes space usage:',
      format: 'table {{.Name}}\\t{{.Links}}\\t{{.Size}}',
      headings: { Name: 'VOLUME NAME', Links: 'LINKS', Size: 'SIZE' },
      rows: usage.list('Volumes').map(volumeRow),
    },
    {
      name: 'BuildCache',
      title: `Build cache usage: ${humanSize(ownCache)}`,
      format: 'table {{.ID}}\\t{{.CacheType}}\\t{{.Size}}\\t{{.CreatedSince}}\\t{{.LastUsedSince}}\\t{{.UsageCount}}\\t{{.Shared}}',
      headings: {
        ID: 'CACHE ID',
        CacheType: 'CACHE TYPE',
        Size: 'SIZE',
        CreatedSince: 'CREATED',
        LastUsedSince: 'LAST USED',
        UsageCount: 'USAGE',
        Shared: 'SHARED',
      },
      rows: caches.map((cache) => cacheRow(cache, now, truncate)),
    },
  ];
}

/** What was never used first, then what was used longest ago. */
function byLastUse(a: JsonView, b: JsonView): number {
  const [left = 0, right = 0] = [a, b].map((cache) => Date.parse(cache.string('LastUsedAt')) || 0);
  return left - right || (a.string('ID') < b.string('ID') ? -1 : 1);
}

/** Only what a container has written of its own counts. */
function withoutRoot(container: JsonView): JsonView {
  return isObject(container.json) ? new JsonView({ ...container.json, SizeRootFs: 0 }) : container;
}

function cacheRow(cache: JsonView, now: number, truncate: boolean): Value {
  const text = (value: string): Value => stringValue(value);
  const time = (name: string): Value => (cache.string(name) === '' ? text('') : text(sprint(stringValue(cache.string(name), 'time.Time'))));
  const since = (name: string): string => {
    const time = Date.parse(cache.string(name));
    return Number.isNaN(time) ? '' : `${humanDuration((now - time) / 1000)} ago`;
  };
  return rowValue('*formatter.buildCacheContext', {
    CacheType: () => text(cache.string('Type')),
    CreatedAt: () => time('CreatedAt'),
    CreatedSince: () => text(since('CreatedAt')),
    Description: () => text(cache.string('Description')),
    ID: () => text((truncate ? shortId(cache.string('ID')) : cache.string('ID')) + (cache.bool('InUse') ? '*' : '')),
    InUse: () => text(String(cache.bool('InUse'))),
    LastUsedAt: () => time('LastUsedAt'),
    LastUsedSince: () => text(since('LastUsedAt')),
    Parent: () => text(cache.strings('Parents').join(', ')),
    Shared: () => text(String(cache.bool('Shared'))),
    Size: () => text(humanSize(cache.number('Size'), 3)),
    UsageCount: () => text(String(cache.number('UsageCount'))),
  });
}
