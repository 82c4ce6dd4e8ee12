import { AuthorizationV1Api } from "@kubernetes/client-node";
import { stdout } from "node:process";
import { hasDeadLock } from "../engine/lock";
import { Pulumi } from "../engine/pulumi";
import { environmentClients } from "../inspect/clients";
import type { Access } from "../inspect/clients";
import type { Target } from "../inspect/target";
import { printed } from "../terminal/answer";
import type { Answer, Line } from "../terminal/answer";
import { progress } from "../terminal/colours";
import { Failure } from "../terminal/commandLine";
import { confirm, refuse } from "../terminal/confirm";
import type { ConfirmOptions } from "../terminal/confirm";
import { counted } from "../terminal/counted";
import { ownCommand } from "../terminal/ownCommand";
import { describeDisks, describeSettings } from "./describe";
import { execute } from "./execute";
import { settingsByName } from "./plannedStorages";
import { changeOf, planOf } from "./plan";
import type { Wish } from "./plan";
import { describeReleased, leftInFormerCluster } from "./released/describeReleased";
import type { OtherStacks } from "./otherStacks";
import { checkRights } from "./rights";
import { stepsOf } from "./steps";
import { readWorld } from "./world";

/** Options of `adopt`. */
export interface AdoptOptions extends Target, ConfirmOptions, Wish {
    readonly json?: boolean;
}

/** Takes disks that exist into a stack, while they are in use. */
export async function adopt(options: AdoptOptions & Access): Promise<Answer> {
    const report = (line: Line) => (options.json ? console.error : console.log)(printed(line));
    const clients = environmentClients(options);
    const pulumi = new Pulumi(clients.environment, options.stack, (text) =>
        (options.json ? process.stderr : stdout).write(text),
    );
    progress("reading the stack, the cluster and EC2 ...");
    const isLocked = await hasDeadLock(pulumi, clients);
    const look = async (before?: OtherStacks) => {
        const world = await readWorld(pulumi, clients, options, options.selector, isLocked, before);
        return { world, plan: await planOf(world, options, pulumi, clients) };
    };
    const { world, plan } = await look();
    const { disks, takeover } = plan;
    if (disks.length === 0) {
        plan.skipped.forEach(report);
        const verdict = "nothing to adopt: the stack has these disks already";
        return { status: 0, json: { disks: [], skipped: plan.skipped }, unseen: [], lines: [], verdict };
    }
    (takeover ? describeReleased(disks, takeover) : describeDisks(disks, options.useOnly ?? false)).forEach(
        report,
    );
    plan.skipped.forEach(report);
    if (plan.storages.length > 0) {
        describeSettings(plan.storages, world.stackFile?.name).forEach(report);
    }
    if (plan.storages.length > 0 && !world.stackFile && !options.dryRun) {
        throw new Error(
            `nothing was done: the program has its storages in code; add the above to it, then run ${ownCommand("adopt")} again with the same disks`,
        );
    }
    stepsOf(plan, world, isLocked).forEach(report);
    await (options.dryRun ? undefined : checkRights(clients.kubeConfig().makeApiClient(AuthorizationV1Api)));
    await confirm(options);
    // Whoever is asked may take their time.
    refuse(options.yes ? undefined : changeOf(plan, (await look(world.otherStacks)).plan));
    try {
        await execute(plan, world, isLocked, pulumi, clients, report);
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Failure(
            `${reason}\nno pod was touched: correct the cause, then run the same command again`,
        );
    }
    return {
        status: 0,
        json: { disks, skipped: plan.skipped, storages: settingsByName(plan.storages) },
        unseen: [],
        lines: takeover ? leftInFormerCluster(disks, takeover) : [],
        verdict: `${counted(disks.length, "disk")} ${takeover ? `of cluster ${takeover.from} taken over` : "adopted"}, and a preview shows no changes`,
    };
}
