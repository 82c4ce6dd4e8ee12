import { UpdateLifecyclePolicyCommand } from "@aws-sdk/client-dlm";
import type { SettablePolicyStateValues } from "@aws-sdk/client-dlm";
import {
    CopySnapshotCommand,
    CreateSnapshotCommand,
    CreateTagsCommand,
    RestoreSnapshotFromRecycleBinCommand,
    RestoreVolumeFromRecycleBinCommand,
} from "@aws-sdk/client-ec2";
import type { TagSpecification } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { clientsOf } from "../../../sandbox/clients";
import type { Servers } from "../../../sandbox/servers";
import { commandsOf } from "../pages/runbook";

type Options = Readonly<Record<string, string>>;

/** Runs the commands of the AWS CLI among printed lines, with the SDK's clients. Returns how many it has run. */
export async function runAwsCommands(servers: Servers, printed: string): Promise<number> {
    const lines = printed.split("\n").map((line) => line.trim());
    const changes = lines.filter((line) => /^aws /.test(line) && !/ (describe|get)-/.test(line));
    for (const { words } of changes.flatMap(commandsOf)) {
        const [, service = "", operation = "", ...options] = words;
        const run = commands[`${service} ${operation}`];
        assert.ok(run, words.join(" "));
        await run(optionsOf(options), servers);
    }
    return changes.length;
}

/** `--key=value`, `--key value` and `--flag`. */
function optionsOf(words: readonly string[]): Options {
    return Object.fromEntries(
        words.flatMap((word, index) => {
            const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
            return name === undefined ? [] : [[name, value ?? words[index + 1] ?? ""]];
        }),
    );
}

const commands: Readonly<Record<string, (options: Options, servers: Servers) => Promise<unknown>>> = {
    "dlm update-lifecycle-policy": ({ "policy-id": PolicyId, state, region }, servers) =>
        clientsOf(servers)
            .dlm(region)
            .send(new UpdateLifecyclePolicyCommand({ PolicyId, State: state as SettablePolicyStateValues })),
    "ec2 create-tags": ({ resources = "", tags = "", region }, servers) => {
        const [, Key, Value] = /^Key=(\S+?),Value=(\S+)$/.exec(tags) ?? [];
        const asked = new CreateTagsCommand({ Resources: [resources], Tags: [{ Key, Value }] });
        return clientsOf(servers).ec2(region).send(asked);
    },
    "ec2 create-snapshot": ({ "volume-id": VolumeId, region, ...options }, servers) => {
        const asked = new CreateSnapshotCommand({ VolumeId, TagSpecifications: tagsIn(options) });
        return clientsOf(servers).ec2(region).send(asked);
    },
    "ec2 copy-snapshot": (options, servers) => {
        const asked = new CopySnapshotCommand({
            SourceRegion: options["source-region"],
            SourceSnapshotId: options["source-snapshot-id"],
            Encrypted: "encrypted" in options,
            KmsKeyId: options["kms-key-id"],
            TagSpecifications: tagsIn(options),
        });
        return clientsOf(servers).ec2(options["region"]).send(asked);
    },
    "ec2 restore-volume-from-recycle-bin": ({ "volume-id": VolumeId, region }, servers) =>
        clientsOf(servers).ec2(region).send(new RestoreVolumeFromRecycleBinCommand({ VolumeId })),
    "ec2 restore-snapshot-from-recycle-bin": ({ "snapshot-id": SnapshotId, region }, servers) =>
        clientsOf(servers).ec2(region).send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId })),
};

function tagsIn({ "tag-specifications": text = "[]" }: Options): TagSpecification[] {
    return JSON.parse(text) as TagSpecification[];
}
