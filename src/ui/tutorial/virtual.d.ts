/** Made by scripts/tutorials-plugin.ts from the files of tutorials/. */
declare module 'virtual:tutorials' {
  export const summaries: readonly import('../../tutorial/index.ts').TutorialSummary[];
  export const broken: readonly import('../../tutorial/index.ts').BrokenTutorial[];
  /** By id: a chunk of its own. */
  export const loaders: Readonly<Record<string, () => Promise<import('../../tutorial/index.ts').Tutorial>>>;
}
