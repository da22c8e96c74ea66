package io.trustedlaunch.operator.node;

import static io.trustedlaunch.operator.node.Answers.LEADER;
import static io.trustedlaunch.operator.node.Answers.answered;
import static io.trustedlaunch.operator.node.Answers.remembering;
import static io.trustedlaunch.operator.node.Answers.silent;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RestoreCheckTest {
    private static final MarkKey KEY = MarkKey.derivedFrom(new byte[] {1});
    private static final Mark LAST = KEY.issue(412);
    private static final Mark LATER = KEY.issue(413);
    private static final Mark EARLIER = KEY.issue(411);

    @Nested
    class AfterAMereRestart {
        @Test
        void aDeadNodeHoldsUpNothingOnceTheMajorityRemembersTheMarkOnRecord() {
            List<ClusterNode> nodes = List.of(answered("a", LAST), answered("b", LAST), silent("dead"));
            assertThat(atOnce(nodes)).isEmpty();
        }

        @Test
        void aHostWhoseLibvirtIsDeadHoldsUpNothing() {
            List<ClusterNode> nodes = List.of(answered("a", LAST), remembering("libvirt-dead", LAST));
            assertThat(atOnce(nodes)).isEmpty();
        }

        @Test
        void oneOfTwoNodesIsEnoughOnceTheOtherHadTheTimeToAnswer() {
            List<ClusterNode> nodes = List.of(answered("a", LAST), silent("dead"));
            assertThat(atOnce(nodes)).containsExactly("dead");
            assertThat(inTime(nodes)).isEmpty();
        }

        @Test
        void anAgentCannotHoldUpOthersWithAMarkThatWasNeverIssued() {
            Mark forged = new Mark(999_999_999_999_999_999L, LAST.proof());
            List<ClusterNode> nodes = List.of(answered("a", LAST), remembering("hostile", forged));
            assertThat(atOnce(nodes)).containsExactly("hostile");
            assertThat(inTime(nodes)).isEmpty();
        }

        @Test
        void answersToAnEarlierLeaderDoNotCount() {
            List<ClusterNode> nodes = List.of(answered("a", LAST), answered("b", LAST));
            RestoreCheck check = new RestoreCheck("the-next-leader", Optional.of(LAST), KEY::hasIssued, nodes);
            assertThat(check.awaited(true)).containsExactly("a", "b");
        }
    }

    @Nested
    class AfterARestore {
        @Test
        void oneNodeThatRemembersALaterMarkMakesAllReport() {
            List<ClusterNode> nodes =
                    List.of(answered("a", LATER), answered("b", LAST), answered("c", LAST), silent("d"));
            assertThat(inTime(nodes)).containsExactly("d");
        }

        @Test
        void itsHostNeedNotListItsVmsForThat() {
            List<ClusterNode> nodes = List.of(remembering("a", LATER), answered("b", LAST), answered("c", LAST));
            assertThat(inTime(nodes)).containsExactly("a");
        }

        @Test
        void onceAllHaveReportedThoseThatJoinedLaterGetTheTimeToRegister() {
            List<ClusterNode> nodes = List.of(answered("a", LATER), answered("b", LATER));
            assertThat(atOnce(nodes)).containsExactly(RestoreCheck.JOINED_LATER);
            assertThat(inTime(nodes)).isEmpty();
        }

        @Test
        void aNodeThatWasCutOffBeforeTheBackupConfirmsNothing() {
            List<ClusterNode> nodes = List.of(answered("a", EARLIER), answered("b", EARLIER), silent("c"));
            assertThat(inTime(nodes)).containsExactly("c");
        }
    }

    @Nested
    class WithoutAMarkOnRecord {
        @Test
        void allNodesHaveToReport() {
            List<ClusterNode> nodes = List.of(answered("a"), answered("b"), silent("c"));
            assertThat(check(Optional.empty(), nodes).awaited(true)).containsExactly("c");
            assertThat(check(Optional.empty(), nodes.subList(0, 2)).awaited(false))
                    .isEmpty();
        }

        @Test
        void anyMarkIsALaterOne() {
            List<ClusterNode> nodes = List.of(answered("a", LAST), silent("b"));
            assertThat(check(Optional.empty(), nodes).laterMarks()).containsExactly(LAST);
        }
    }

    private static List<String> atOnce(List<ClusterNode> nodes) {
        return check(Optional.of(LAST), nodes).awaited(false);
    }

    private static List<String> inTime(List<ClusterNode> nodes) {
        return check(Optional.of(LAST), nodes).awaited(true);
    }

    private static RestoreCheck check(Optional<Mark> onRecord, List<ClusterNode> nodes) {
        return new RestoreCheck(LEADER, onRecord, KEY::hasIssued, nodes);
    }
}
