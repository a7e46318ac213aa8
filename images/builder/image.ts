/** One image recipe and its layers to a config and a manifest. */
import { type Layout } from './layout.ts';
import { type LockedPackage } from './lock.ts';
import { MEDIA_TYPES, PLATFORM, type BuiltLayer, type HistoryEntry } from './oci.ts';
import { type ImageRecipe } from './recipe.ts';

const BUILDER = 'drydock images/build.ts';
const NOTICE = "Drydock's build from Debian 12 i386 packages; not the Docker Official Image";

export interface ImageSource {
  readonly recipe: ImageRecipe;
  readonly layers: readonly BuiltLayer[];
  readonly packages: readonly LockedPackage[];
  /** RFC 3339. */
  readonly created: string;
}

function versionOf({ recipe, packages }: ImageSource): string {
  const version = packages.find((locked) => locked.name === recipe.versionFrom)?.version ?? recipe.version;
  if (version === undefined) throw new Error(`recipes/${recipe.name}: no version`);
  return version;
}

function labelsOf(source: ImageSource): Record<string, string> {
  const { recipe, packages, created } = source;
  const sources = new Set(packages.map((locked) => `${locked.source}=${locked.sourceVersion}`));
  return withoutCommas({
    'org.opencontainers.image.title': recipe.title,
    'org.opencontainers.image.description': packages.length === 0 ? recipe.description : `${NOTICE}. ${recipe.description}`,
    'org.opencontainers.image.version': versionOf(source),
    'org.opencontainers.image.created': created,
    'org.opencontainers.image.vendor': 'Drydock',
    'org.opencontainers.image.licenses': recipe.licenses,
    ...(sources.size === 0 ? {} : { 'io.drydock.debian.sources': [...sources].sort().join(' ') }),
  });
}

/** Labels stand in event lines as "name=value, name=value": a comma in one trips whoever splits those. */
function withoutCommas(labels: Record<string, string>): Record<string, string> {
  const wrong = Object.entries(labels).find(([, value]) => value.includes(','));
  if (wrong !== undefined) throw new Error(`label ${wrong[0]} has a comma: ${wrong[1]}`);
  return labels;
}

/** One history line for each instruction a Dockerfile would have needed, so that `docker history` explains the config. */
function instructionsOf(recipe: ImageRecipe): string[] {
  const words = (list: readonly string[]): string => JSON.stringify(list).replaceAll('","', '" "');
  return [
    ...recipe.env.map((variable) => `ENV ${variable}`),
    ...(recipe.workingDir === undefined ? [] : [`WORKDIR ${recipe.workingDir}`]),
    ...(recipe.entrypoint === undefined ? [] : [`ENTRYPOINT ${words(recipe.entrypoint)}`]),
    ...recipe.exposedPorts.map((port) => `EXPOSE ${port}`),
    ...(recipe.stopSignal === undefined ? [] : [`STOPSIGNAL ${recipe.stopSignal}`]),
    ...(recipe.cmd.length === 0 ? [] : [`CMD ${words(recipe.cmd)}`]),
  ];
}

function historyOf({ recipe, layers, created }: ImageSource): HistoryEntry[] {
  return [
    ...layers.map((layer) => ({ created, created_by: `LAYER ${layer.name} # ${layer.comment}`, comment: BUILDER })),
    ...instructionsOf(recipe).map((line) => ({ created, created_by: line, comment: BUILDER, empty_layer: true as const })),
  ];
}

function runtimeConfig(source: ImageSource): object {
  const { recipe } = source;
  return {
    ...(recipe.exposedPorts.length === 0 ? {} : { ExposedPorts: Object.fromEntries(recipe.exposedPorts.map((port) => [port, {}])) }),
    Env: recipe.env,
    ...(recipe.entrypoint === undefined ? {} : { Entrypoint: recipe.entrypoint }),
    Cmd: recipe.cmd,
    ...(recipe.workingDir === undefined ? {} : { WorkingDir: recipe.workingDir }),
    Labels: labelsOf(source),
    ...(recipe.stopSignal === undefined ? {} : { StopSignal: recipe.stopSignal }),
  };
}

export function writeImage(layout: Layout, source: ImageSource): void {
  const { recipe, layers, created } = source;
  const config = {
    created,
    author: 'Drydock',
    ...PLATFORM,
    config: runtimeConfig(source),
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: historyOf(source),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: layout.addJson(config, MEDIA_TYPES.config, `config ${recipe.reference}`),
    layers: layers.map((layer) => layer.descriptor),
  };
  layout.addManifest(manifest, recipe.reference);
}
