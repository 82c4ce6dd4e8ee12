import { printable } from "../../components/validation/problems";
import { printError } from "../terminal/commandLine";
import { announcement, confirm, removalFailureLines } from "./announcement";
import { ArgumentsError, helpText, readArguments } from "./arguments";
import type { Options } from "./arguments";
import { Check } from "./check";
import { acceptanceClients } from "./clients";
import { maxHours } from "./cost";
import { clean, findEarlierRuns, removeKilledRuns, reportEarlierRuns } from "./earlierRuns";
import { Interruption } from "./interruption";
import { removeRuns } from "./leftovers";
import type { Place, RemovalFailure } from "./leftovers";
import { Pulumi } from "./pulumi";
import { isPassed, printReport } from "./report";
import type { Row } from "./report";
import { requirements } from "./requirements";
import { runSteps } from "./run";
import { RunFolder } from "./runFolder";
import { newRunId } from "./runIds";

/** `npm run acceptance`: checks the program's promises in the user's own account and cluster. */
async function main(interruption: Interruption): Promise<number> {
    const args = process.argv.slice(2);
    if (args.includes("--help")) {
        console.log(helpText());
        return 0;
    }
    const options = readArguments(args, process.stdin.isTTY);
    const { place, program } = await requirements(options, acceptanceClients());
    return options.clean
        ? clean(options, place, interruption.signal, report)
        : checkAll(options, place, program, interruption);
}

/** A run, from its announcement to its report. */
async function checkAll(
    options: Options,
    place: Place,
    program: string,
    interruption: Interruption,
): Promise<number> {
    const run = newRunId();
    announcement(options, run, place.cluster.context).forEach(report);
    const earlier = await findEarlierRuns(options, place);
    reportEarlierRuns(earlier, report);
    if (!options.yes && !(await confirm("Create it?", interruption.signal))) {
        return 1;
    }
    await removeKilledRuns(earlier, place, report);

    const { account, region, cluster } = options;
    const { context } = place.cluster;
    const folder = await RunFolder.create({ run, account, region, cluster, context, pid: process.pid });
    const rows = await stepsOf(options, place, folder, program, interruption);
    const { row, stuck } = await cleanUp(run, place, interruption.signal.aborted);
    rows.push(row);
    const isGood = isPassed(rows);
    if (row.result === "as expected") {
        await folder.remove({ keepLog: !isGood });
    }
    printReport({ run, account, region, cluster }, rows, stuck, options.json);
    if (!isGood) {
        report(`Pulumi's output: ${folder.log}`);
    }
    return isGood ? 0 : 1;
}

async function stepsOf(
    options: Options,
    place: Place,
    folder: RunFolder,
    program: string,
    interruption: Interruption,
): Promise<Row[]> {
    const { signal } = interruption;
    interruption.after(maxHours * 3600);
    try {
        const pulumi = await Pulumi.start(program, folder, signal);
        return await runSteps(new Check(options, folder.run.run, pulumi, place, signal), report);
    } catch (error) {
        const { message: seen } = error as Error;
        const [step, expected] = ["make the stack", "a stack with nothing in it"];
        return [{ step, expected, seen, seconds: 0, result: "NOT AS EXPECTED" }];
    }
}

/** Removes all resources of the run, also after a failure. */
async function cleanUp(
    run: string,
    place: Place,
    wasCutShort: boolean,
): Promise<{ row: Row; stuck: readonly RemovalFailure[] }> {
    report("cleaning up ...");
    const started = performance.now();
    const row = (seen: string, isGood: boolean): Row => ({
        step: "clean up",
        expected: "nothing with the run's tag or label is left",
        seen,
        seconds: (performance.now() - started) / 1000,
        result: isGood ? "as expected" : "NOT AS EXPECTED",
    });
    try {
        const stuck = await removeRuns(place, { isOurs: (one) => one === run, wasCutShort }, report);
        stuck.flatMap(removalFailureLines).forEach(report);
        const names = stuck.map(({ leftover: { kind, name } }) => `${kind} ${name}`);
        return { row: row(names.join(", ") || "nothing is left", stuck.length === 0), stuck };
    } catch (error) {
        const { message } = error as Error;
        report(`could not search for leftovers (${message}): run the same command with --clean`);
        return { row: row(`unknown: ${message}`, false), stuck: [] };
    }
}

/** Reports progress on the standard error, so that the standard output has only the report. */
function report(line: string): void {
    console.error(printable(line));
}

main(new Interruption(report)).then(
    (status) => process.exit(status),
    (error: unknown) => {
        printError(error);
        process.exit(error instanceof ArgumentsError ? 2 : 1);
    },
);
