export { loadTutorials, type LoadedTutorials, type TutorialFiles } from './load-tutorial.ts';
export { summaryOf, type BrokenTutorial, type LoadedTutorial, type Tutorial, type TutorialSummary } from './tutorial.ts';
