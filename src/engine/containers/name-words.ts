/** Our own lists for made-up names: moods of the sea and of work; people of computing and of the sea. */
export const adjectives: readonly string[] = (
  'able ample amber azure balmy blithe bold brave breezy bright brisk buoyant calm candid careful cheery clear clever coastal cobalt ' +
  'coral cosy crisp curious daring deft diligent dreamy eager earnest easy even fair faithful fearless festive fluent foamy fond ' +
  'frank fresh gallant gentle gifted glad gleaming golden grand hale handy happy hardy hearty honest hopeful humble jaunty jolly ' +
  'keen kind lively loyal lucid lucky mellow merry mild mindful misty modest moonlit neat nimble noble northern open patient peaceful ' +
  'plucky polite prompt proud quick quiet radiant ready restful salty serene sharp silver sincere smooth snug sober spry stable starry ' +
  'steady still stout sturdy sunny swift tidal tidy tranquil trusty upbeat valiant vivid warm wary watchful wise witty zesty'
).split(' ');

export const surnames: readonly string[] = (
  'adelman allen amdahl anning antonelli babbage backus barbosa bartik bell bering boole borg carson cerf chaplygin cook cousteau ' +
  'cray curie dijkstra drake earhart eckert engelbart erdos euler faraday feinler floyd forrester franklin gauss germain godel goldberg ' +
  'goldstine gosling hamilton hamming hedy hertz hoare holberton hopper huffman humboldt iverson jennings johnson karp kay keller ' +
  'kepler kilby knuth kovalevskaya lamarr lamport leavitt leibniz licklider liskov lovelace magellan mauchly mccarthy meitner melville ' +
  'mercator minsky moore morse nansen naur nautilus newell noether nygaard ohm pascal perlis peary postel ritchie rivest sammet ' +
  'sextant shackleton shannon simon slocum somerville spence stallman strachey tanenbaum tesla thompson torvalds turing ulam ' +
  'vaughan verne wallace watt wiener wilkes wirth wozniak zuse'
).split(' ');
