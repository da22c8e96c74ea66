package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What an agent does about the leader Lease: the real memory of its marks, and the real answers. */
public final class LeaderWatch {
    private final MarkMemory marks;

    public LeaderWatch(Path file, Path untilBoot, LongSupplier nanoTime) {
        this.marks = new MarkMemory(file, untilBoot, nanoTime);
    }

    public void seen(Lease lease) {
        marks.seen(lease);
    }

    public boolean isCurrent(Lease now) {
        return marks.isCurrent(now);
    }

    /** @return empty if that leader has its answer */
    public Optional<Answer> answer(
            String leader, String bootID, Optional<Answer> before, Supplier<List<Domain>> domains) {
        return LeaderAnswer.of(leader, bootID, before, marks.remembered(), () -> Optional.of(domains.get()));
    }
}
