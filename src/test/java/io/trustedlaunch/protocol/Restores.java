package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.backup.WrittenDisk;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.incarnation.AgentApi;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.restorerun.ExtractionTools;
import io.trustedlaunch.agent.restorerun.PlayedRestores;
import io.trustedlaunch.agent.restorerun.RestorePart;
import io.trustedlaunch.agent.restorerun.RestorePartBuilder;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpecBuilder;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.FakeApiServer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The restores of VMs that one process of the agent carries out: the real pass, through the agent's own gate. */
final class Restores {
    private static final long ROOM = 1L << 40;

    private final Host host;
    private final AgentApi api;
    private final FakeApiServer server;
    private final RestoreSource source;
    private final Consumer<Failpoint> atFailpoint;
    private final PlayedRestores restores;
    private List<RestoreRun> now = List.of();

    Restores(
            Host host,
            AgentApi api,
            FakeApiServer server,
            RestoreSource source,
            FolderGate gate,
            LocalClock clock,
            Consumer<Failpoint> atFailpoint) {
        this.host = host;
        this.api = api;
        this.server = server;
        this.source = source;
        this.atFailpoint = atFailpoint;
        RestorePart part = RestorePartBuilder.builder()
                .nodeName(host.name())
                .hypervisor(host.hypervisor())
                .locations(path -> Optional.empty())
                .gate(gate)
                .extraction(new ExtractionTools(
                        source.backups().envelopes(),
                        (from, grant) -> source.backups().store(),
                        (disk, bytes, content) -> Files.write(disk, WrittenDisk.of(bytes, content)),
                        host.account()))
                .room(new FreeSpaceGuard(path -> ROOM))
                .watched(new SupervisedWork(Duration.ofMillis(1)))
                .environment(new Environment(Failpoints.calling(this::passed), clock, Dice.SECURE))
                .build();
        this.restores = new PlayedRestores(part, this::write);
    }

    /** One VM after the other, as they are in the cache of its watch. */
    void run(FakeApiServer cache) {
        cache.seen(RestoreRun.class)
                .filter(run -> run.getSpec().nodeName().equals(host.name()))
                .map(this::localized)
                .forEach(run -> {
                    now = List.of(run);
                    restores.run(() -> now);
                });
    }

    private void passed(Failpoint point) {
        if (point == Failpoint.RESTORE_COMMITTED) {
            now.forEach(source.restored());
        }
        atFailpoint.accept(point);
    }

    private RestoreRun localized(RestoreRun run) {
        RestoreRun here = new RestoreRun();
        here.setMetadata(run.getMetadata());
        here.setStatus(run.getStatus());
        here.setSpec(RestoreRunSpecBuilder.builder(run.getSpec())
                .storageLocation(new Location(
                        run.getSpec().storageLocation().name(), host.vms().toString()))
                .build());
        return here;
    }

    private RestoreRun write(RestoreRun run, RestoreRunStatus status) {
        api.throwIfDown();
        return server.applyStatus(
                        RestoreRun.class,
                        run.getMetadata().getName(),
                        run.getMetadata().getUid(),
                        status)
                .map(this::localized)
                .orElseThrow(() -> new KubernetesClientException("not found, or created again"));
    }
}
