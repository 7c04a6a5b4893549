import tseslint from 'typescript-eslint';

// Rooms in the order dependencies may point: a room may import the doors of those before it.
const mayImport = {
  core: [],
  federation: ['core'],
  migrate: ['core'],
  network: ['core', 'federation'],
  dns: ['core', 'federation', 'network'],
  vpn: ['core', 'federation', 'network'],
  cloud: ['core', 'federation', 'network', 'dns', 'vpn', 'engine'],
  engine: ['core'],
  policy: ['core', 'federation', 'network', 'dns', 'vpn', 'cloud', 'engine'],
  inventory: ['core', 'federation', 'network', 'dns', 'vpn', 'cloud', 'engine', 'policy'],
  report: ['core', 'federation', 'network', 'dns', 'vpn', 'engine', 'policy', 'inventory'],
};

const rooms = Object.keys(mayImport);
const roomRules = rooms.map((room) => {
  const closed = rooms.filter((other) => other !== room && !mayImport[room].includes(other));
  return {
    files: [`modules/${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...(closed.length > 0
              ? [
                  {
                    regex: `^(\\.\\./)+(${closed.join('|')})(/|$)`,
                    message: `${room} may import only ${mayImport[room].join(', ') || 'nothing'} (ARCHITECTURE.md)`,
                  },
                ]
              : []),
            {
              regex: `^(\\.\\./)+(${rooms.filter((other) => other !== room).join('|')})/(?!(index|types|basics)\\.ts$)`,
              message: "a room's index.ts is its only door",
            },
            { regex: '^vcloud(/|$)', message: 'inside the toolkit import rooms by relative path' },
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['templates', 'node_modules', 'dist', 'out', 'coverage', 'cdktf.out', '**/.vcloud', '**/out', 'modules/cloud/providers/*/**', '**/cdktf.out'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'bin/*.js', 'scripts/*.mjs'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      'max-lines': ['error', { max: 500, skipBlankLines: true }],
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  { files: ['bench/**', 'scripts/**'], rules: { 'no-console': 'off' } },
  ...roomRules,
  {
    files: ['cli/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\.\\./(\\.\\./)?modules/[a-z]+/(?!([a-z]+/)?(index|basics)\\.ts$)',
              message: "a room's index.ts is its only door, beside that of a folder in it",
            },
          ],
        },
      ],
    },
  },
);
