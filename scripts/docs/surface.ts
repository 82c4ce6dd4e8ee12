import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

/** An export of the library. */
export interface Exported {
    readonly name: string;
    /** A constant and a type of the same name are one. */
    readonly kind: "class" | "interface" | "values";
    readonly text: string;
    readonly example: string | undefined;
    /** Names of the interfaces that it extends. */
    readonly extends: readonly string[];
    readonly members: readonly Member[];
}

/** A property of an interface, an output of a class, or a value. */
export interface Member {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
    readonly text: string;
    readonly default: string | undefined;
}

const root = join(__dirname, "..", "..");

/** All exports of components/index.ts, in its order, with their doc comments. */
export function readSurface(): Exported[] {
    const statements = parse("components/index").statements.filter(ts.isExportDeclaration);
    const names = statements.flatMap(({ exportClause, moduleSpecifier }) =>
        exportClause &&
        ts.isNamedExports(exportClause) &&
        moduleSpecifier &&
        ts.isStringLiteral(moduleSpecifier)
            ? exportClause.elements.map(({ name }) => ({ name: name.text, from: moduleSpecifier.text }))
            : [],
    );
    return names.map(({ name, from }) => exported(name, parse(join("components", from))));
}

/**
 * An export of the library, by its name.
 *
 * @throws Error if there is none.
 */
export function named(surface: readonly Exported[], name: string): Exported {
    const found = surface.find((one) => one.name === name);
    if (found === undefined) {
        throw new Error(`components/index.ts exports no ${name}`);
    }
    return found;
}

/** An interface of a file, which needn't be exported by the library. */
export function readInterface(file: string, name: string): Exported {
    return exported(name, parse(file));
}

/** Exports without a doc comment, as `Type` or `Type.member`. */
export function undocumented(surface: readonly Exported[]): string[] {
    return surface.flatMap(({ name, text, members }) => [
        ...(text === "" ? [name] : []),
        ...members.flatMap((member) => (member.text === "" ? [`${name}.${member.name}`] : [])),
    ]);
}

function parse(file: string): ts.SourceFile {
    const path = join(root, `${file}.ts`);
    return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
}

function exported(name: string, source: ts.SourceFile): Exported {
    for (const statement of source.statements) {
        const common = { name, text: comment(statement), example: tag(statement, "example") };
        if (ts.isInterfaceDeclaration(statement) && statement.name.text === name) {
            const bases = (statement.heritageClauses ?? []).flatMap(({ types }) => [...types]);
            const members = statement.members.filter(ts.isPropertySignature).map(property);
            return { ...common, kind: "interface", extends: bases.map((base) => base.getText()), members };
        }
        if (ts.isClassDeclaration(statement) && statement.name?.text === name) {
            const members = statement.members.filter(ts.isPropertyDeclaration).map(property);
            return { ...common, kind: "class", extends: [], members };
        }
        const values = ts.isVariableStatement(statement) ? valuesOf(statement, name) : undefined;
        if (values) {
            return { ...common, kind: "values", extends: [], members: values };
        }
    }
    throw new Error(`${source.fileName} doesn't declare ${name}`);
}

/** The values of `const <name> = { … } as const`. */
function valuesOf(statement: ts.VariableStatement, name: string): Member[] | undefined {
    const [declaration] = statement.declarationList.declarations;
    const { initializer } = declaration ?? {};
    if (declaration?.name.getText() !== name || !initializer || !ts.isAsExpression(initializer)) {
        return undefined;
    }
    const { properties } = initializer.expression as ts.ObjectLiteralExpression;
    return properties.filter(ts.isPropertyAssignment).map((one) => ({
        name: one.name.getText(),
        type: one.initializer.getText(),
        required: true,
        text: comment(one),
        default: undefined,
    }));
}

function property(node: ts.PropertySignature | ts.PropertyDeclaration): Member {
    return {
        name: node.name.getText(),
        type: node.type?.getText() ?? "",
        required: node.questionToken === undefined,
        text: comment(node),
        default: tag(node, "default"),
    };
}

function comment(node: ts.Node): string {
    const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    return ts.getTextOfJSDocComment(doc?.comment) ?? "";
}

function tag(node: ts.Node, name: string): string | undefined {
    const found = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === name);
    return found && ts.getTextOfJSDocComment(found.comment);
}
