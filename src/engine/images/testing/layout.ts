/** A small OCI layout in memory for tests: built, hashed and served like the real one. */
import { concatBytes, utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { sourceOf } from '../../../base/streams.ts';
import type { FetchBlob } from '../../registry/bundled.ts';
import { digestOf } from '../../content/verified.ts';
import { writeTar, type TarInput } from './tar-writer.ts';

export interface TestImage {
  /** "docker.io/library/app:1" */
  readonly name: string;
  /** Bottom first. */
  readonly layers: readonly (readonly TarInput[])[];
  readonly architecture?: string;
  readonly created?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** ["sh"] unless given. */
  readonly command?: readonly string[];
  /** The same layers in other blobs, which nobody can unpack. */
  readonly repacked?: boolean;
}

export interface TestLayout {
  /** Contents by path; a test may spoil them. */
  readonly files: Map<string, Uint8Array>;
  readonly fetched: string[];
  readonly fetchBlob: FetchBlob;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Layers are plain tars, so that tests need no inflater. */
export function testLayout(images: readonly TestImage[]): TestLayout {
  const files = new Map<string, Uint8Array>();
  const fetched: string[] = [];
  const put = (mediaType: string, bytes: Uint8Array): Blob => {
    const digest = digestOf(bytes);
    files.set(`blobs/${digest.replace(':', '/')}`, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const putJson = (mediaType: string, value: unknown): Blob => put(mediaType, utf8(JSON.stringify(value)));
  const manifests = images.map((image) => {
    const tars = image.layers.map((entries) => writeTar(entries));
    const layers = tars.map((tar) =>
      image.repacked === true
        ? put('application/vnd.oci.image.layer.v1.tar+gzip', concatBytes([utf8('packed'), tar]))
        : put('application/vnd.oci.image.layer.v1.tar', tar),
    );
    const platform = { os: 'linux', architecture: image.architecture ?? '386' };
    const config = putJson('application/vnd.oci.image.config.v1+json', {
      ...platform,
      created: image.created ?? '2024-01-02T03:04:05Z',
      config: { Cmd: image.command ?? ['sh'], Env: ['PATH=/bin'], Labels: image.labels ?? { app: image.name } },
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
      history: [
        ...layers.map((_, index) => ({ created: '2024-01-01T00:00:00Z', created_by: `LAYER ${index}` })),
        { created: '2024-01-02T03:04:05Z', created_by: 'CMD ["sh"]', empty_layer: true },
      ],
    });
    const manifest = putJson('application/vnd.oci.image.manifest.v1+json', { schemaVersion: 2, config, layers });
    return { ...manifest, platform, annotations: { 'org.opencontainers.image.ref.name': image.name } };
  });
  files.set('index.json', utf8(JSON.stringify({ schemaVersion: 2, manifests })));
  const fetchBlob: FetchBlob = (path) => {
    fetched.push(path);
    const bytes = files.get(path);
    if (bytes === undefined) return Promise.reject(new AppError('not_found', `${path} is not there`));
    return Promise.resolve(sourceOf(bytes));
  };
  return { files, fetched, fetchBlob };
}
