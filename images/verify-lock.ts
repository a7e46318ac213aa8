/** Checks the committed images against their lock: `tsx images/verify-lock.ts`. Exit status 1 and a line for each problem. */
import { verifyImages } from './builder/verify.ts';

const problems = verifyImages(import.meta.dirname);
for (const problem of problems) console.error(`images: ${problem}`);
if (problems.length > 0) console.error('images: run images/build.sh and commit what it writes');
else console.log('images: recipes, lock and blobs agree');
process.exitCode = problems.length > 0 ? 1 : 0;
