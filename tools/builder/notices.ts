/** `THIRD-PARTY.md`: every package of which something is among the tools. */
import type { DebianPackage } from '../../images/builder/debian-package.ts';
import { formatThirdParty } from '../../images/builder/third-party.ts';
import type { Tree } from '../../images/builder/tree.ts';

export function formatNotices(packages: readonly DebianPackage[], tree: Tree): string {
  const images = formatThirdParty([{ layer: 'tools', packages, tree }]);
  return `# Third-party software among the tools

Written by \`tools/build.sh\`; do not edit.

Every program here but \`man\` comes from a Debian 12 binary package for i386. The full copyright and licence texts are in the guest
as \`/usr/share/doc/PACKAGE/copyright\`. The corresponding source of each binary is the Debian source package of the version given:
\`apt-get source SOURCE=VERSION\`, or, once a newer version has taken its place, Debian's snapshot archive. No file is changed; setuid
bits are taken off. The licence column repeats the short names of the machine-readable copyright file, which also covers parts of the
source that are not in the binary.

${images.slice(images.indexOf('| package |'))}`;
}
