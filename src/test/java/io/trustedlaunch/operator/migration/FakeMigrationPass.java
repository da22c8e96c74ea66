package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** One pass of the controller of migrations over a cache that may be stale: the real gatherer and the real status. */
public final class FakeMigrationPass implements MigrationCaches {
    private final Supplier<FakeApiServer> cache;
    private final ResourceWriter writer;
    private final MigrationGatherer gatherer;

    public FakeMigrationPass(
            Supplier<FakeApiServer> cache,
            ApiReader reader,
            ResourceWriter writer,
            PendingMigrations pending,
            InstantSource clock) {
        this.cache = cache;
        this.writer = writer;
        this.gatherer = new MigrationGatherer(this, reader, pending, clock);
    }

    public void over(VMMigration migration) {
        VMMigrationStatus status = MigrationStatus.of(gatherer.gather(migration));
        if (Objects.equals(status, migration.getStatus()) || migration.isMarkedForDeletion()) {
            return;
        }
        VMMigration changed = new VMMigration();
        changed.setMetadata(migration.getMetadata());
        changed.setSpec(migration.getSpec());
        changed.setStatus(status);
        writer.replaceStatus(changed);
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String namespace, String name) {
        return cache.get().find(TrustedLaunchVM.class, name);
    }

    @Override
    public Optional<VMIncarnation> incarnation(String name) {
        return cache.get().find(VMIncarnation.class, name);
    }

    @Override
    public List<VMIncarnation> incarnations(TrustedLaunchVM vm) {
        return cache.get()
                .seen(VMIncarnation.class)
                .filter(incarnation -> incarnation.getSpec().vmRef().uid().equals(vm.identity()))
                .toList();
    }
}
