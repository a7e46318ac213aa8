/** `THIRD-PARTY.md`: every package in the images with its source and licences. */
import { type DebianPackage } from './debian-package.ts';
import { type Tree } from './tree.ts';

/** The short names of a machine-readable copyright file (DEP-5), or undefined for free text. */
function licencesOf(copyright: string): string[] | undefined {
  if (!/^Format:/m.test(copyright.slice(0, 400))) return undefined;
  const names = [...copyright.matchAll(/^License:[ \t]*(\S.*)$/gm)].map((match) => (match[1] ?? '').trim());
  return names.length === 0 ? undefined : [...new Set(names)].sort();
}

function copyrightOf(debian: DebianPackage, trees: readonly Tree[]): string | undefined {
  for (const tree of trees) {
    const direct = tree.get(`usr/share/doc/${debian.locked.name}`);
    const owner = direct?.kind === 'symlink' ? direct.target : debian.locked.name;
    const entry = tree.get(`usr/share/doc/${owner}/copyright`);
    if (entry?.kind === 'file') return entry.data.toString('utf8');
  }
  return undefined;
}

/** Other sources that a static program contains: Debian Policy 7.8, Built-Using. */
function linkedIn(control: string): string {
  const others = /^Built-Using: (.*)$/m.exec(control)?.[1];
  return others === undefined ? '' : `, with ${others.replace(/\(= ([^)]*)\)/g, '$1')}`;
}

function row(debian: DebianPackage, layer: string, trees: readonly Tree[]): string {
  const { name, version, source, sourceVersion } = debian.locked;
  const copyright = copyrightOf(debian, trees);
  if (copyright === undefined) throw new Error(`${name}: its copyright file is in no layer`);
  const licences = licencesOf(copyright)?.join(', ').replaceAll('|', '\\|') ?? 'free text, see the file';
  return `| ${name} | ${version} | ${source} ${sourceVersion}${linkedIn(debian.control)} | ${layer} | ${licences} |`;
}

export interface ThirdPartySource {
  readonly layer: string;
  readonly packages: readonly DebianPackage[];
  readonly tree: Tree;
}

export function formatThirdParty(sources: readonly ThirdPartySource[]): string {
  const trees = sources.map((source) => source.tree);
  const rows = sources.flatMap((source) => source.packages.map((debian) => row(debian, source.layer, trees))).sort();
  return `# Third-party software in the images

Written by \`images/build.sh\`; do not edit.

Every program in the images but \`hello-world\` comes from a Debian 12 binary package for i386, listed here. The full
copyright and licence texts are inside the images as \`/usr/share/doc/PACKAGE/copyright\` (with the common licences in
\`/usr/share/common-licenses\`), the package's control stanza as \`/var/lib/dpkg/status.d/PACKAGE\`. The corresponding
source of each binary is the Debian source package of the version given: \`apt-get source SOURCE=VERSION\`, or, once a
newer version has taken its place, Debian's snapshot archive. Files changed after unpacking are named in \`README.md\`.
The licence column repeats the short names of the machine-readable copyright file, which also covers parts of the
source that are not in the binary.

| package | version | source | layer | licences |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
