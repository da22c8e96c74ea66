package io.trustedlaunch.protocol;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Backups of VMs are made, VMs restored from them in place, and new VMs made from them. */
final class RestoreEvents {
    private static final Duration A_MOMENT = Duration.ofSeconds(10);
    private static final int LONGEST_RESTORE = 9;
    static final String COPY = "copy";

    private final ClusterUnderTest cluster;
    private final Random random;
    private final ProcessEvents processes;

    RestoreEvents(ClusterUnderTest cluster, Random random, ProcessEvents processes) {
        this.cluster = cluster;
        this.random = random;
        this.processes = processes;
    }

    /** @return what it concerned; empty: nothing happened */
    String play(Event event) {
        if (cluster.vm().filter(vm -> !vm.isMarkedForDeletion()).isEmpty()) {
            return "";
        }
        return switch (event) {
            case VM_IS_SAVED -> save();
            case RESTORE_IS_APPROVED -> approve();
            case VM_IS_RESTORED -> restore();
            case VM_IS_COPIED -> copy();
            default -> withdraw();
        };
    }

    /** Where its home is on record. */
    private String save() {
        return cluster.vm()
                .map(vm -> vm.getStatus())
                .map(TrustedLaunchVMStatus::guestState)
                .map(TrustedLaunchVMStatus.GuestState::home)
                .map(home -> cluster.host(home.nodeName()))
                .flatMap(host -> cluster.backups.save(cluster.server, cluster.home(host), cluster.name()))
                .map(backup -> cluster.name() + " in " + backup)
                .orElse("");
    }

    private String approve() {
        List<String> backups = SavedVms.of(cluster.server, cluster.identity());
        if (backups.isEmpty()) {
            return "";
        }
        String backup = processes.one(backups);
        cluster.users.changeStrategy(RunStrategy.Halted);
        cluster.users.edit(spec -> spec.approveRestore(new ApprovedRestore(new ObjectRef(backup), "administrator")));
        return cluster.name() + " from " + backup;
    }

    private String restore() {
        if (random.nextBoolean()) {
            save();
            cluster.ledger.work();
        }
        String what = approve();
        if (what.isEmpty()) {
            return "";
        }
        processes.allGoesWell(1 + random.nextInt(3), A_MOMENT);
        Optional.of(cluster.ledger.running(cluster.identity()))
                .filter(places -> random.nextInt(4) > 0)
                .ifPresent(places ->
                        places.forEach(place -> place.host().hypervisor().powerOff(cluster.identity())));
        processes.allGoesWell(random.nextInt(LONGEST_RESTORE), A_MOMENT);
        cluster.users.changeStrategy(RunStrategy.Always);
        processes.allGoesWell(random.nextInt(LONGEST_RESTORE), A_MOMENT);
        return what;
    }

    /** One in a schedule. */
    private String copy() {
        if (cluster.names().contains(COPY) || save().isEmpty()) {
            return "";
        }
        String backup = processes.one(SavedVms.of(cluster.server, cluster.identity()));
        cluster.ledger.work();
        cluster.apply(copyOf(backup));
        processes.allGoesWell(random.nextInt(LONGEST_RESTORE), A_MOMENT);
        return cluster.name() + " from " + backup;
    }

    static TrustedLaunchVM copyOf(String backup) {
        TrustedLaunchVM copy = ClusterUnderTest.anotherVm(COPY, 1);
        copy.setSpec(TrustedLaunchVMSpecBuilder.builder(copy.getSpec())
                .restoreFrom(new RestoreFrom(null, new ObjectRef(backup)))
                .build());
        return copy;
    }

    private String withdraw() {
        cluster.users.edit(spec -> spec.approveRestore(null));
        return cluster.name();
    }
}
