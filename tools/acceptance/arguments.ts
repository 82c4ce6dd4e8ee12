import { parseArgs } from "node:util";
import { Command } from "commander";
import { parse } from "yaml";
import type { NodesArgs } from "../../components";
import { parseCluster } from "../../program/configSchema";
import { formatProblem, notAllowed } from "../../components/validation/problems";
import type { Problem } from "../../components/validation/problems";

/** Options of the command line. */
export interface Options {
    /** Account that the credentials must belong to. */
    readonly account: string;
    readonly region: string;
    /** The program's setting `cluster.name`. */
    readonly cluster: string;
    /** The program's setting `cluster.nodes`. */
    readonly nodes?: NodesArgs;
    /** Image of the pods that write and read. */
    readonly image: string;
    /** Whether only to remove leftovers of earlier runs. */
    readonly clean: boolean;
    /** Whether to skip the question. */
    readonly yes: boolean;
    /** Whether to print JSON. */
    readonly json: boolean;
}

export const usage =
    "npm run acceptance -- --account <id> --region <region> --cluster <name> [--nodes <setting>] [--image <image>] [--yes] [--clean] [--json]";

/** Kubernetes' own image for tests: public, 2 MB, for amd64 and arm64; by digest, since tags can be moved. */
const busybox =
    "registry.k8s.io/e2e-test-images/busybox:1.36.1-1@sha256:a9155b13325b2abef48e71de77bb8ac015412a566829f621d06bfae5c699b1b9";

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const optionSpecs = {
    account: text,
    region: text,
    cluster: text,
    nodes: text,
    image: text,
    clean: flag,
    yes: flag,
    json: flag,
};

/** Description of the options, for `--help`. */
export function helpText(): string {
    return new Command("npm run acceptance --")
        .description(
            "Checks what this program promises in your own account and cluster, on disks of 1 GiB, and removes them " +
                "afterwards. It shows what it will create, and asks. docs/acceptance.md has the steps and the rights.",
        )
        .option("--account <id>", "the twelve digits of the AWS account that the credentials belong to")
        .option("--region <region>", "a region of AWS, such as eu-west-1")
        .option("--cluster <name>", "the cluster's name, as in its tags")
        .option("--nodes <setting>", "the setting cluster.nodes, as YAML or JSON: which instances are nodes")
        .option("--image <image>", "image of the pods that write and read, with a shell")
        .option("--clean", "only remove what earlier runs have left")
        .option("--yes", "don't ask")
        .option("--json", "print the report as JSON")
        .helpOption("--help", "show this help")
        .helpInformation();
}

/** All mistakes of a command line, and its usage. */
export class ArgumentsError extends Error {
    public constructor(lines: readonly string[]) {
        super([...lines, `usage: ${usage}`].join("\n"));
    }
}

/**
 * Reads the command line.
 *
 * @param canAsk - Whether there is a terminal for a question.
 * @throws ArgumentsError that lists all mistakes.
 */
export function readArguments(args: readonly string[], canAsk: boolean): Options {
    const { tokens } = parseArgs({ args: [...args], options: optionSpecs, strict: false, tokens: true });
    const unknown = tokens.flatMap((token): Problem[] => {
        if (token.kind === "positional") {
            return [{ path: ["arguments"], rule: "must be options", got: token.value }];
        }
        const isKnown = token.kind !== "option" || Object.hasOwn(optionSpecs, token.name);
        const rule = `is not an option: known are ${Object.keys(optionSpecs)
            .map((name) => `--${name}`)
            .join(", ")}`;
        return isKnown ? [] : [{ path: [token.rawName], rule, got: token.value ?? "" }];
    });
    const { values } = parseArgs({ args: [...args], options: optionSpecs, strict: false });
    const given = values as Partial<Record<keyof typeof optionSpecs, string | boolean>>;
    const nodes = readNodes(given.nodes);
    const problems = [
        ...unknown,
        ...(canAsk || given.yes === true
            ? []
            : [{ path: ["--yes"], rule: "must be given without a terminal for the question" }]),
        ...valueProblems(given),
        ...flagProblems(given),
        ...clusterSettingProblems(given, nodes),
    ];
    if (problems.length > 0) {
        throw new ArgumentsError(problems.map((problem) => formatProblem(problem)));
    }
    const { account, region, cluster, image = busybox } = given as Record<string, string>;
    const { clean, yes, json } = given as Record<string, boolean>;
    return { account, region, cluster, image, nodes, clean, yes, json } as Options;
}

/** The setting, as YAML or JSON. Text that is neither is returned as it is, and fails the validation. */
function readNodes(nodes: string | boolean | undefined): NodesArgs | undefined {
    try {
        return typeof nodes === "string" ? (parse(nodes) as NodesArgs) : undefined;
    } catch {
        return nodes as unknown as NodesArgs;
    }
}

function valueProblems({
    account,
    cluster,
    ...others
}: Partial<Record<string, string | boolean>>): Problem[] {
    const isAccount = typeof account === "string" && /^\d{12}$/.test(account);
    const isCluster = typeof cluster === "string" && cluster !== "";
    const empty = ["nodes", "image"].filter((name) => others[name] === true || others[name] === "");
    return [
        ...(isAccount
            ? []
            : [{ path: ["--account"], rule: "must be the twelve digits of an AWS account", got: account }]),
        ...(isCluster
            ? []
            : [{ path: ["--cluster"], rule: "must be the cluster's name, as in its tags", got: cluster }]),
        ...empty.map((name) => ({ path: [`--${name}`], rule: "must have a value", got: others[name] })),
    ];
}

function flagProblems({ clean, yes, json, ...others }: Partial<Record<string, string | boolean>>): Problem[] {
    const valued = Object.entries({ clean, yes, json }).filter(([, value]) => typeof value === "string");
    return [
        ...valued.map(([name, got]) => ({ path: [`--${name}`], rule: "must have no value", got })),
        ...(clean === true
            ? notAllowed(
                  [],
                  { "--nodes": others.nodes, "--image": others.image },
                  "can't be combined with --clean",
              )
            : []),
    ];
}

/** Problems of cluster settings, found by the program's own validation, with the names of options. */
function clusterSettingProblems(
    given: Partial<Record<string, string | boolean>>,
    nodes: NodesArgs | undefined,
): Problem[] {
    const { region, cluster } = given;
    if (typeof region !== "string") {
        return [{ path: ["--region"], rule: "must be a region of AWS, such as eu-west-1", got: region }];
    }
    const { problems = [] } = parseCluster({ name: cluster === "" ? undefined : cluster, region, nodes });
    return problems
        .filter(({ path }) => path[0] !== "name" || (typeof cluster === "string" && cluster !== ""))
        .map(({ path: [setting, ...path], ...problem }) => ({
            path: [setting === "name" ? "--cluster" : `--${setting}`, ...path],
            ...problem,
        }));
}
