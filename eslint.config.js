import { readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';
import regexp from 'eslint-plugin-regexp';
import svelte from 'eslint-plugin-svelte';

const { layers } = JSON.parse(readFileSync(new URL('./layers.json', import.meta.url), 'utf8'));
const names = Object.keys(layers);

/** The import table: a folder of src/ sees itself and what layers.json lists for it. */
const layerRules = names.map((name) => {
  const closed = names.filter((other) => other !== name && !layers[name].imports.includes(other));
  return {
    files: [`src/${name}/**/*.ts`, `src/${name}/**/*.svelte`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...closed.map((other) => ({
              regex: `^(\\.\\./)+${other}/`,
              message: `src/${name} may not import src/${other} (layers.json).`,
            })),
            ...(layers[name].platform === 'es'
              ? [{ regex: '^node:', message: `src/${name} runs everywhere: no Node modules (layers.json).` }]
              : []),
          ],
        },
      ],
    },
  };
});

const addressOnce = 'The address is read and changed by ui/address/address.ts alone.';

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      '.cache/**',
      'node_modules/**',
      'kernel/dist/**',
      'images/oci/**',
      'tools/store/**',
      '**/*.mjs',
      '**/*.d.ts',
      'eslint.config.js',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-var': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: { 'no-console': 'error', 'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }] },
  },
  {
    // One thread serves all: a pattern that backtracks over a text from outside stops everything.
    files: ['src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'certain' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'BinaryExpression[operator="in"]:not([left.type="Literal"]):not([left.type="PrivateIdentifier"])',
          message: '"constructor" is in every object: Object.hasOwn, or a Map.',
        },
      ],
    },
  },
  {
    files: ['src/ui/**/*.ts', 'src/ui/**/*.svelte'],
    ignores: ['src/ui/address/address.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...['location', 'history'].map((name) => ({ name, message: addressOnce }))],
      'no-restricted-properties': [
        'error',
        ...['window', 'document', 'globalThis', 'self'].flatMap((object) =>
          ['location', 'history', 'baseURI'].map((property) => ({ object, property, message: addressOnce })),
        ),
      ],
    },
  },
  ...svelte.configs.base.map((config) => ({ ...config })),
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  ...layerRules,
);
