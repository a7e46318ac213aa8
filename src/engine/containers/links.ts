import { AppError, toAppError } from '../../base/errors.ts';
import type { Container, Link } from './container.ts';
import type { ContainerStore } from './store.ts';

/** opts/link.go. @throws AppError internal, as Docker gives it no class */
export function parseLink(link: string): { readonly name: string; readonly alias: string } {
  if (link === '') throw new AppError('internal', 'empty string specified for links');
  const [name = '', alias = name, ...more] = link.split(':');
  if (more.length > 0) throw new AppError('internal', `bad format for links: ${link}`);
  // As inspect shows them: "/child:/parent/alias".
  if (name.startsWith('/') && alias.includes('/')) return { name: name.slice(1), alias: alias.slice(alias.lastIndexOf('/') + 1) };
  return { name, alias };
}

/** The containers that are linked to. @throws AppError in the words of daemon/daemon_unix.go, registerLinks */
export function findLinked(store: ContainerStore, links: readonly string[]): Link[] {
  return links.map((link) => {
    const { name, alias } = parseLink(link);
    let child = linked(store, name, name);
    while (child.modes.network.kind === 'container') child = linked(store, child.modes.network.reference, name);
    if (child.modes.network.kind === 'host') throw cannotLinkOnHost();
    return { alias, child: { id: child.id, name: child.name } };
  });
}

/** Gives the others the names "parent/alias", too. One that is taken is no link. */
export function registerLinks(store: ContainerStore, parent: Container, links: readonly Link[]): void {
  for (const link of links) {
    const name = linkName(parent, link);
    if (link.alias === '' || store.isNameTaken(name)) continue;
    store.reserveName(name, link.child.id);
    parent.links.push(link);
  }
}

/** DELETE /containers/parent/alias?link=1 (daemon/delete.go, rmLink). @returns the parent, and the link that it has no more */
export function removeLink(store: ContainerStore, reference: string): { readonly parent: Container; readonly link: Link } | null {
  const name = reference.replace(/^\//, '');
  const slash = name.lastIndexOf('/');
  if (slash < 0) throw new AppError('internal', 'Conflict, cannot remove the default link name of the container');
  const parent = store.byName(name.slice(0, slash));
  if (parent === null) throw new AppError('internal', `Cannot get parent /${name.slice(0, slash)} for link name /${name}`);
  store.releaseName(name);
  const at = parent.links.findIndex(({ alias }) => alias === name.slice(slash + 1));
  const [link] = at < 0 ? [] : parent.links.splice(at, 1);
  return link === undefined ? null : { parent, link };
}

/** A container has another name: so have the links from it and to it. */
export function renameLinks(store: ContainerStore, container: Container, oldName: string): void {
  for (const { alias, child } of container.links) {
    store.releaseName(`${oldName}/${alias}`);
    store.reserveName(`${container.name}/${alias}`, child.id);
  }
  for (const parent of store.all())
    for (const [index, link] of parent.links.entries())
      if (link.child.id === container.id) parent.links[index] = { ...link, child: { id: container.id, name: container.name } };
}

/** HostConfig.Links of inspect: "/child:/parent/alias". */
export function describeLinks(container: Container): string[] | null {
  const shown = container.links.map((link) => `/${link.child.name}:/${linkName(container, link)}`);
  return shown.length === 0 ? null : shown;
}

export function linkName({ name }: Pick<Container, 'name'>, { alias }: Pick<Link, 'alias'>): string {
  return `${name}/${alias}`;
}

/** What is behind the last slash of an alias is what hosts and variables know. */
export function shownAlias({ alias }: Pick<Link, 'alias'>): string {
  return alias.slice(alias.lastIndexOf('/') + 1);
}

/** runconfig/hostconfig.go, ErrConflictHostNetworkAndLinks */
export function cannotLinkOnHost(): AppError {
  const words = "conflicting options: host type networking can't be used with links. This would result in undefined behavior";
  return new AppError('invalid', words);
}

function linked(store: ContainerStore, reference: string, asked: string): Container {
  try {
    if (reference === '') throw new AppError('internal', 'invalid name or ID supplied: ""');
    return store.find(reference);
  } catch (cause) {
    const { kind, message } = toAppError(cause);
    // Not found would make the client say that of the image.
    throw new AppError(kind === 'not_found' ? 'invalid' : kind, `could not get container for ${asked}: ${message}`, { cause });
  }
}
