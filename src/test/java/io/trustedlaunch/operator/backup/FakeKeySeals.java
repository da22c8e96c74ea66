package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Seals to any node. */
final class FakeKeySeals implements BackupKeySeals {
    Optional<Problem> problem = Optional.empty();
    final List<String> released = new ArrayList<>();

    @Override
    public Answer seal(BackupRun run, TrustedLaunchVM vm) {
        if (problem.isPresent()) {
            return new Refused(problem.get());
        }
        BackupRun with = new BackupRun();
        with.setMetadata(run.getMetadata());
        with.setSpec(BackupRunSpecBuilder.builder(run.getSpec())
                .keys("sealed for " + run.getMetadata().getName())
                .build());
        return new Sealed(with, "key");
    }

    @Override
    public BackupRun release(Sealed sealed, TrustedLaunchVM vm, Supplier<BackupRun> create) {
        released.add(sealed.run().getMetadata().getName());
        return create.get();
    }
}
