import eslint from '@eslint/js'
import importX from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

/** The rooms in the order in which data passes through them: a room imports only from rooms to its left. */
const rooms = [
  ['src/tensor'],
  ['src/backend'],
  ['src/autograd/graph'],
  ['src/ops'],
  ['src/autograd/transforms'],
  ['src/nn', 'src/optim', 'src/losses', 'src/metrics', 'src/statistics'],
  ['src/data'],
  ['src/figures'],
  ['src/study'],
  ['src/cli'],
]

const zones = rooms.flatMap((targets, level) =>
  targets.flatMap((target) => [
    ...rooms.slice(level + 1).flatMap((later) =>
      later.map((from) => ({
        // ops/methods.ts attaches methods from above the ops to Tensor: the one file that may look up.
        target: `./${target}/**/!(methods).ts`,
        from: `./${from}`,
        message: `Imports go one way: ${target} is below ${from} (docs/design.md).`,
      })),
    ),
    { target: `./${target}`, from: './src/testing', message: 'testing is for users, not for src.' },
  ]),
)
for (const from of ['./src/data', './src/figures', './src/study', './src/cli']) {
  zones.push({ target: './src/testing', from, message: 'testing sees losses and what is below them.' })
}

export default tseslint.config(
  { ignores: ['dist', 'build', 'runs', 'coverage', 'docs/api'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js'] } } },
    settings: { 'import-x/resolver-next': [importX.createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Users of plain JavaScript reach the checks that types make look needless.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      eqeqeq: 'error',
    },
  },
  { files: ['*.config.*'], rules: { 'import-x/no-default-export': 'off' } },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
)
