import * as aws from "@pulumi/aws";
import { all, output } from "@pulumi/pulumi";
import type { InvokeOptions, Output, RunError } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "./args";
import { sortedDistinct } from "./plan";
import { userError } from "./problems";

const everyState = ["pending", "running", "shutting-down", "stopping", "stopped", "terminated"];

/**
 * The availability zones for new volumes, sorted: those given, or else those of the cluster's running
 * node instances. This is the one place where AWS is queried: one call for the region's zones and, unless
 * zones are given, one more for each of them, whatever the number of nodes.
 *
 * @throws RunError, in the output, if a zone that is asked for doesn't exist, no node runs or AWS doesn't
 * answer.
 */
export function findZones(args: ZonalPersistentStorageArgs, opts: InvokeOptions): Output<string[]> {
    const wanted = Object.entries(args.overrides ?? {}).map(([ordinal, { zone }]) => ({ ordinal, zone }));
    return all([
        args.clusterName,
        output(args.nodes?.securityGroupName),
        output(args.zones),
        output(wanted),
    ]).apply(async ([clusterName, securityGroupName = `nodes.${clusterName}`, zones, overrides]) => {
        const region = await findRegion(zones === undefined, opts);
        refuseUnknown(region, [
            ...(zones ?? []).map((zone) => ({ property: "zones", zone })),
            ...overrides.map(({ ordinal, zone }) => ({ property: `overrides.${ordinal}.zone`, zone })),
        ]);
        return zones ? sortedDistinct(zones) : nodeZones(clusterName, securityGroupName, region, opts);
    });
}

interface Region {
    readonly name: string;
    readonly zones: readonly string[];
}

async function findRegion(onlyFullZones: boolean, opts: InvokeOptions): Promise<Region> {
    // Local Zones and Wavelength Zones count only for those who name them.
    const filters = onlyFullZones ? [{ name: "zone-type", values: ["availability-zone"] }] : [];
    const { id, names } = await answer(aws.getAvailabilityZones({ filters }, opts), "availability zones");
    // A provider whose own settings aren't known yet answers nothing at all, which is not "no zones".
    if ((names as string[] | undefined) === undefined) {
        throw userError("the availability zones can't be queried yet", [
            "the AWS provider's settings depend on resources that don't exist yet: create those first " +
                "(pulumi up --target), or give the provider plain settings",
        ]);
    }
    return { name: id, zones: names };
}

function refuseUnknown(
    { name, zones }: Region,
    wanted: readonly { property: string; zone?: string }[],
): void {
    const unknown = wanted.filter(({ zone }) => zone !== undefined && !zones.includes(zone));
    if (unknown.length > 0) {
        throw userError(
            "there are no such availability zones",
            unknown.map(
                ({ property, zone }) => `${property} must be in ${zones.join(", ")} (${name}), got "${zone}"`,
            ),
        );
    }
}

async function nodeZones(
    clusterName: string,
    securityGroup: string,
    region: Region,
    opts: InvokeOptions,
): Promise<string[]> {
    const nodes = (states: string[], zone?: string) => {
        const filters = [{ name: "instance.group-name", values: [securityGroup] }];
        if (zone !== undefined) {
            filters.push({ name: "availability-zone", values: [zone] });
        }
        const call = aws.ec2.getInstances({ filters, instanceStateNames: states }, opts);
        return answer(call, "node instances").then(({ ids }) => ids);
    };
    const running = await Promise.all(region.zones.map((zone) => nodes(["running"], zone)));
    const zones = region.zones.filter((_, position) => running[position]?.length);
    if (zones.length === 0) {
        throw noNodes(clusterName, securityGroup, region, await nodes(everyState));
    }
    return sortedDistinct(zones);
}

function noNodes(
    clusterName: string,
    securityGroup: string,
    region: Region,
    others: readonly string[],
): RunError {
    const where = `in the security group "${securityGroup}" in ${region.name}`;
    return others.length > 0
        ? userError(`no node of the cluster "${clusterName}" is running`, [
              `there are ${others.length} instances ${where}, none of them running (${others.slice(0, 5).join(", ")}): ` +
                  "start the nodes, or give zones",
          ])
        : userError(`no node of the cluster "${clusterName}" was found`, [
              `there is no instance ${where}: check the cluster's name, the AWS account and the region, ` +
                  "give nodes.securityGroupName if the nodes are in another group, or give zones",
          ]);
}

async function answer<T>(call: Promise<T>, what: string): Promise<T> {
    try {
        return await call;
    } catch (error) {
        throw userError(`AWS doesn't answer the query for ${what}`, [
            error instanceof Error ? error.message : String(error),
            "check the credentials, the region, the network and the right to ec2:DescribeAvailabilityZones " +
                "and ec2:DescribeInstances",
        ]);
    }
}
