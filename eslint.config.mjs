import pulumi from "@pulumi/eslint-plugin";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", "dist/", ".sandbox/", "**/*.mjs", "**/*.cjs"] },
    ...tseslint.configs.strictTypeChecked,
    prettier,
    {
        languageOptions: {
            parserOptions: { project: "tsconfig.json", tsconfigRootDir: import.meta.dirname },
        },
        plugins: { "@pulumi": pulumi },
        rules: {
            "@pulumi/no-output-in-template-literal": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
            "@typescript-eslint/no-unused-vars": [
                "error",
                { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
            ],
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            // The Kubernetes client's models are classes that everyone uses as interfaces.
            "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
            "@typescript-eslint/no-misused-spread": "off",
            eqeqeq: "error",
        },
    },
    {
        // A command loads what it works with when it is run. import() of CommonJS would bypass ts-node.
        files: ["tools/commands/**"],
        rules: { "@typescript-eslint/no-require-imports": "off" },
    },
    {
        // Tests know which elements are there, and mocha's describe and it return nothing worth awaiting.
        files: ["tests/**"],
        rules: { "@typescript-eslint/no-non-null-assertion": "off" },
    },
);
