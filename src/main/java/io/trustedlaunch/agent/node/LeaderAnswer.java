package io.trustedlaunch.agent.node;

import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.custody.Mark;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Builds the answer to a leader of the operator; pure. */
final class LeaderAnswer {
    private LeaderAnswer() {}

    /**
     * @param before the answer on record
     * @param domains the VMs on this host; empty if the hypervisor cannot be asked now
     * @return the answer to write, as a whole; empty if it is on record
     */
    static Optional<Answer> of(
            String leader,
            String bootID,
            Optional<Answer> before,
            Optional<Mark> remembered,
            Supplier<Optional<List<Domain>>> domains) {
        Optional<Answer> toLeader = before.filter(answer -> answer.isTo(leader));
        Optional<Answer> inThisBoot = toLeader.filter(answer -> bootID.equals(answer.bootID()));
        if (leader.isEmpty() || inThisBoot.filter(Answer::hasListed).isPresent()) {
            return Optional.empty();
        }
        // A mark that was raised since it was reported says nothing of the data that the leader found.
        String mark = toLeader.isPresent()
                ? toLeader.get().mark()
                : remembered.map(Mark::toString).orElse(null);
        return Optional.of(new Answer(leader, bootID, mark, domains.get().orElse(null)))
                .filter(answer -> answer.hasListed() || inThisBoot.isEmpty());
    }
}
