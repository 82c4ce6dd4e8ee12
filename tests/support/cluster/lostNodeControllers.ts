import { AttachVolumeCommand, DetachVolumeCommand } from "@aws-sdk/client-ec2";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { V1VolumeAttachment } from "@kubernetes/client-node";
import { buildControlPlane } from "../../../sandbox/controlPlane/build";
import { ProcessGroup } from "../../../sandbox/processes";
import type { Sandbox } from "./sandbox";
import { volumeIdOf } from "./attachments";
import { DiskCluster } from "./diskCluster";

const name = "lost-node-controllers";
const finalizer = "external-attacher/ebs-csi-aws-com";

/**
 * Starts Kubernetes' own controllers that a sandbox leaves out: those that evict the pods of tainted nodes, delete pods of
 * nodes out of service, and attach and detach volumes. They end with the sandbox.
 */
export async function startLostNodeControllers({ servers, directory }: Sandbox): Promise<void> {
    const { signal } = new AbortController();
    const programs = await buildControlPlane(() => undefined, signal);
    const group = new ProcessGroup(directory, "attached", signal);
    const controllers = [
        "persistentvolume-attach-detach-controller",
        "pod-garbage-collector-controller",
        "taint-eviction-controller",
    ];
    const args = ["--leader-elect=false", "--secure-port=0", "--profiling=false"];
    const command = join(programs, "kube-controller-manager");
    await group.start({
        name,
        command,
        args: [...args, `--kubeconfig=${servers.kubeconfig}`, `--controllers=${controllers.join(",")}`],
    });
    await group.waitUntil(name, () => group.logHas(name, "Caches are synced"), 90);
}

/**
 * Attaches and detaches volumes as VolumeAttachments say until it is stopped, as external-attacher and the EBS CSI driver
 * do (pkg/controller/csi_handler.go of external-attacher e6106024, read on 2026-11-27). The sandbox has neither.
 */
export class SimulatedAttacher {
    private readonly cluster: DiskCluster;
    private readonly stopping = new AbortController();
    private readonly running: Promise<void>;

    public constructor({ servers }: Pick<Sandbox, "servers">) {
        this.cluster = new DiskCluster(servers);
        this.running = this.run();
    }

    /** Stops it, and throws the error that has ended it, if any. */
    public async stop(): Promise<void> {
        this.stopping.abort();
        await this.running;
    }

    private async run(): Promise<void> {
        while (!this.stopping.signal.aborted) {
            const { items } = await this.cluster.storage.listVolumeAttachment();
            for (const one of items) {
                await (one.metadata?.deletionTimestamp ? this.detach(one) : this.attach(one));
            }
            await sleep(100);
        }
    }

    private async attach(attachment: V1VolumeAttachment): Promise<void> {
        const { metadata, spec, status } = attachment;
        if (status?.attached) {
            return;
        }
        const of = String(metadata?.name);
        const node = await this.cluster.core.readNode({ name: spec.nodeName });
        await this.cluster.ec2.send(
            new AttachVolumeCommand({
                VolumeId: await this.volumeOf(attachment),
                InstanceId: node.spec?.providerID?.split("/").at(-1),
                Device: "/dev/xvdaa",
            }),
        );
        await this.patch(of, "/metadata/finalizers", [finalizer]);
        const body = [{ op: "add", path: "/status", value: { attached: true } }];
        await this.cluster.storage.patchVolumeAttachmentStatus({ name: of, body });
    }

    private async detach(attachment: V1VolumeAttachment): Promise<void> {
        await this.cluster.ec2.send(new DetachVolumeCommand({ VolumeId: await this.volumeOf(attachment) }));
        await this.patch(String(attachment.metadata?.name), "/metadata/finalizers", []);
    }

    private async volumeOf({ spec }: V1VolumeAttachment): Promise<string> {
        const { persistentVolumeName: of = "" } = spec.source;
        return volumeIdOf(await this.cluster.core.readPersistentVolume({ name: of }));
    }

    private patch(of: string, path: string, value: unknown): Promise<unknown> {
        return this.cluster.storage.patchVolumeAttachment({ name: of, body: [{ op: "add", path, value }] });
    }
}
