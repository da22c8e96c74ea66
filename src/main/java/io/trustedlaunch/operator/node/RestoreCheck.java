package io.trustedlaunch.operator.node;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.custody.Mark;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Whether the API server's data may be older than what the nodes have done since, as after a restore from a backup; pure.
 *
 * @param leader identity that the answers must name
 * @param onRecord the mark on the Lease when this leader took it over
 * @param isIssued whether the operator issued a mark
 * @param nodes all that are registered
 */
record RestoreCheck(String leader, Optional<Mark> onRecord, Predicate<Mark> isIssued, List<ClusterNode> nodes) {

    /** Stands for nodes that the restored data does not have: they must register again first. */
    static final String JOINED_LATER = "nodes that joined after the backup";

    /**
     * Which nodes must report their VMs before anything is started; none if the data is current, or all have reported.
     *
     * @param hadTime whether every agent that is alive has had the time to answer
     */
    List<String> awaited(boolean hadTime) {
        List<String> silent = unlisted();
        if (laterMarks().isEmpty()) {
            return isConfirmed(hadTime) ? List.of() : silent;
        }
        return silent.isEmpty() && !hadTime ? List.of(JOINED_LATER) : silent;
    }

    /**
     * A node that remembers exactly the mark on record saw the operator last when the record was written last. After a
     * mere restart, every node does. After a restore, only a node does that was cut off in the minute of the backup and
     * was not back before the restore.
     */
    private boolean isConfirmed(boolean hadTime) {
        long agreeing = agreeing();
        return agreeing * 2 > nodes.size() || (hadTime && agreeing > 0);
    }

    /** Dead nodes count. */
    boolean isConfirmedByAll() {
        return agreeing() == nodes.size();
    }

    private long agreeing() {
        return remembered().filter(mark -> onRecord.equals(Optional.of(mark))).count();
    }

    /** Each proves that the data is older. One without proof is ignored: an agent could hold up all VMs with it. */
    List<Mark> laterMarks() {
        long known = onRecord.map(Mark::number).orElse(0L);
        return remembered()
                .filter(mark -> mark.number() > known)
                .filter(isIssued)
                .toList();
    }

    private Stream<Mark> remembered() {
        return nodes.stream()
                .flatMap(node -> answer(node, leader).stream())
                .flatMap(answer -> Optional.ofNullable(answer.mark()).flatMap(Mark::parse).stream());
    }

    /** Nodes that have not reported their VMs to this leader. */
    List<String> unlisted() {
        return nodes.stream()
                .filter(node -> !hasListed(node, leader))
                .map(node -> node.getMetadata().getName())
                .sorted()
                .toList();
    }

    static boolean hasListed(ClusterNode node, String leader) {
        return answer(node, leader).filter(Answer::hasListed).isPresent();
    }

    static Optional<Answer> answer(ClusterNode node, String leader) {
        return node.status().flatMap(status -> status.toLeader(leader));
    }
}
