package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.ClusterNodeStatus.Inventory;
import io.trustedlaunch.api.ClusterNodeStatus.LastMark;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaderAnswerTest {
    private static final Mark MARK = MarkKey.derivedFrom(new byte[] {1}).issue(412);
    private static final List<Domain> DOMAINS = List.of(new Domain(Vms.UID, 7, null, null));

    private Optional<ClusterNodeStatus> onRecord = Optional.empty();
    private Optional<Mark> remembered = Optional.of(MARK);
    private Optional<List<Domain>> domains = Optional.of(DOMAINS);

    @Test
    void aNewLeaderIsToldTheLastMarkAndTheVms() {
        ClusterNodeStatus answer = answer("new").orElseThrow();
        assertThat(answer.lastMark()).isEqualTo(new LastMark("new", MARK.toString()));
        assertThat(answer.inventory()).isEqualTo(new Inventory("new", DOMAINS));
    }

    @Test
    void eachLeaderIsAnsweredOnce() {
        onRecord = answer("new");
        assertThat(answer("new")).isEmpty();
        assertThat(answer("newer")).isPresent();
    }

    @Test
    void withoutALeaderThereIsNoAnswer() {
        assertThat(answer("")).isEmpty();
    }

    @Test
    void anAgentThatSawNoMarkSaysSo() {
        remembered = Optional.empty();
        assertThat(answer("new").orElseThrow().lastMark()).isEqualTo(new LastMark("new", null));
    }

    @Test
    void whileLibvirtIsDeadTheMarkIsToldAloneAndOnce() {
        domains = Optional.empty();
        onRecord = answer("new");
        assertThat(onRecord.orElseThrow().lastMark()).isEqualTo(new LastMark("new", MARK.toString()));
        assertThat(onRecord.orElseThrow().inventory()).isNull();
        assertThat(answer("new")).isEmpty();
    }

    /** A mark that was raised since would say nothing about the data that the leader found. */
    @Test
    void theVmsFollowWithTheMarkThatWasTold() {
        domains = Optional.empty();
        onRecord = answer("new");
        domains = Optional.of(DOMAINS);
        remembered = Optional.of(MarkKey.derivedFrom(new byte[] {1}).issue(413));
        ClusterNodeStatus answer = answer("new").orElseThrow();
        assertThat(answer.lastMark()).isEqualTo(new LastMark("new", MARK.toString()));
        assertThat(answer.inventory()).isEqualTo(new Inventory("new", DOMAINS));
    }

    private Optional<ClusterNodeStatus> answer(String leader) {
        return LeaderAnswer.of(leader, onRecord, remembered, () -> domains);
    }
}
