export type PortProtocol = 'tcp' | 'udp';

/** A port of a container that is a port of the guest. */
export interface PublishedPort {
  readonly protocol: PortProtocol;
  /** Of the container. */
  readonly inside: number;
  /** Of the guest: "0.0.0.0" is all it has, "::" all of IPv6. */
  readonly address: string;
  /** Of the guest. */
  readonly outside: number;
}

/** Makes a published port one of whatever the guest runs on. */
export interface PortPublisher {
  /**
   * @returns what ends it, with all connections
   * @throws AppError whose message is why, in the words of Go's errors: "address already in use"; `exhausted` where another port may do
   */
  open(port: PublishedPort): Promise<() => Promise<void>>;
}

/** Nowhere but in the guest. */
export const guestOnly: PortPublisher = { open: () => Promise.resolve(() => Promise.resolve()) };
