package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeaderAnswerTest {
    private static final Mark MARK = MarkKey.derivedFrom(new byte[] {1}).issue(412);
    private static final List<Domain> DOMAINS = List.of(new Domain(Vms.UID, 7, null, null));
    private static final String BOOT = "boot-1";

    private Optional<Answer> onRecord = Optional.empty();
    private String boot = BOOT;
    private Optional<Mark> remembered = Optional.of(MARK);
    private Optional<List<Domain>> domains = Optional.of(DOMAINS);

    @Test
    void aNewLeaderIsToldTheBootTheLastMarkAndTheVms() {
        assertThat(answer("new")).contains(new Answer("new", BOOT, MARK.toString(), DOMAINS));
    }

    @Test
    void eachLeaderIsAnsweredOnce() {
        onRecord = answer("new");
        assertThat(answer("new")).isEmpty();
        assertThat(answer("newer")).isPresent();
    }

    /** What the host had in a boot that is over is not shown beside the present one. */
    @Test
    void aLeaderIsAnsweredAnewFromAnotherBoot() {
        onRecord = answer("new");
        boot = "boot-2";
        domains = Optional.empty();
        assertThat(answer("new")).contains(new Answer("new", "boot-2", MARK.toString(), null));
        domains = Optional.of(List.of());
        assertThat(answer("new")).contains(new Answer("new", "boot-2", MARK.toString(), List.of()));
    }

    @Test
    void withoutALeaderThereIsNoAnswer() {
        assertThat(answer("")).isEmpty();
    }

    @Test
    void anAgentThatSawNoMarkSaysSo() {
        remembered = Optional.empty();
        assertThat(answer("new")).contains(new Answer("new", BOOT, null, DOMAINS));
    }

    @Test
    void whileLibvirtIsDeadBootAndMarkAreToldAloneAndOnce() {
        domains = Optional.empty();
        onRecord = answer("new");
        assertThat(onRecord).contains(new Answer("new", BOOT, MARK.toString(), null));
        assertThat(answer("new")).isEmpty();
    }

    /** A mark that was raised since would say nothing about the data that the leader found. */
    @Test
    void theVmsFollowWithTheMarkThatWasTold() {
        domains = Optional.empty();
        onRecord = answer("new");
        domains = Optional.of(DOMAINS);
        remembered = Optional.of(MarkKey.derivedFrom(new byte[] {1}).issue(413));
        assertThat(answer("new")).contains(new Answer("new", BOOT, MARK.toString(), DOMAINS));
    }

    /** None was remembered when the leader asked. */
    @Test
    void aMarkThatFollowsIsNotTold() {
        remembered = Optional.empty();
        domains = Optional.empty();
        onRecord = answer("new");
        domains = Optional.of(DOMAINS);
        remembered = Optional.of(MARK);
        assertThat(answer("new")).contains(new Answer("new", BOOT, null, DOMAINS));
    }

    private Optional<Answer> answer(String leader) {
        return LeaderAnswer.of(leader, boot, onRecord, remembered, () -> domains);
    }
}
