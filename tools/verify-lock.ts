/** Checks the committed tools against their lock: `tsx tools/verify-lock.ts`. Exit status 1 and a line for each problem. */
import { verifyTools } from './builder/verify.ts';

const problems = verifyTools(import.meta.dirname);
for (const problem of problems) console.error(`tools: ${problem}`);
if (problems.length > 0) console.error('tools: run tools/build.sh and commit what it writes');
else console.log('tools: recipe, lock and blobs agree');
process.exitCode = problems.length > 0 ? 1 : 0;
