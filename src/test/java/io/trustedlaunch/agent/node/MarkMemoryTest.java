package io.trustedlaunch.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarkMemoryTest {
    private static final MarkKey KEY = MarkKey.derivedFrom(new byte[] {1});

    @TempDir
    private Path folder;

    private long nanoTime;
    private MarkMemory memory;

    @BeforeEach
    void start() {
        memory = new MarkMemory(folder.resolve("last-mark"), folder.resolve("until-boot"), () -> nanoTime);
    }

    @Test
    void aMarkThatWasRaisedWhileItWatchedIsRemembered() {
        see(412);
        see(413);
        see(413);
        assertThat(memory.remembered()).contains(KEY.issue(413));
    }

    @Test
    void theFirstMarkOfAllIsRememberedToo() {
        memory.seen(lease());
        see(1);
        assertThat(memory.remembered()).contains(KEY.issue(1));
    }

    @Test
    void aMarkThatItFoundIsNot() {
        see(412);
        see(412);
        assertThat(memory.remembered()).isEmpty();
    }

    @Test
    void theDataIsOfNowOnceAMarkWasRaisedAndTheLeaseHasIt() {
        see(412);
        assertThat(memory.isCurrent(lease(412))).as("it may be in the backup").isFalse();
        see(413);
        assertThat(memory.isCurrent(lease(413))).isTrue();
        assertThat(memory.isCurrent(lease(414))).isTrue();
        assertThat(memory.isCurrent(lease(412))).as("restored since").isFalse();
        assertThat(memory.isCurrent(lease())).isFalse();
    }

    @Test
    void afterARestoreItIsOnceAMarkIsRaisedAgain() {
        see(412);
        see(413);
        see(412);
        assertThat(memory.isCurrent(lease(413))).isFalse();
        see(414);
        assertThat(memory.isCurrent(lease(414))).isTrue();
    }

    @Test
    void theNextProcessKnowsItToo() {
        see(412);
        see(413);
        start();
        assertThat(memory.isCurrent(lease(413))).isTrue();
        see(412);
        assertThat(memory.isCurrent(lease(413)))
                .as("restored while it was not there")
                .isFalse();
    }

    /** Its disk may have been set back to when the backup of the API server's data was made. */
    @Test
    void afterABootTheDataIsOfNowOnceAMarkIsRaisedAgain() throws Exception {
        see(412);
        see(413);
        Files.delete(folder.resolve("until-boot"));
        start();
        assertThat(memory.remembered()).contains(KEY.issue(413));
        see(413);
        assertThat(memory.isCurrent(lease(413))).isFalse();
        see(414);
        assertThat(memory.isCurrent(lease(414))).isTrue();
    }

    /** It may have been restored meanwhile. */
    @Test
    void aMarkThatItFoundWhenItWasBackIsNotEither() {
        see(411);
        nanoTime += MarkMemory.IN_TOUCH.toNanos();
        see(412);
        assertThat(memory.remembered()).isEmpty();
        see(413);
        assertThat(memory.remembered()).contains(KEY.issue(413));
    }

    @Test
    void aRestoreDoesNotMakeItForget() {
        see(499);
        see(500);
        see(412);
        assertThat(memory.remembered()).contains(KEY.issue(500));
        see(501);
        assertThat(memory.remembered()).contains(KEY.issue(501));
    }

    @Test
    void theNextProcessOnThisHostRemembersIt() {
        see(412);
        see(413);
        start();
        assertThat(memory.remembered()).contains(KEY.issue(413));
    }

    @Test
    void aFileThatIsNoMarkIsNone() throws Exception {
        Files.writeString(folder.resolve("last-mark"), "413");
        start();
        assertThat(memory.remembered()).isEmpty();
    }

    private void see(long number) {
        memory.seen(lease(number));
    }

    private static Lease lease(long number) {
        Lease lease = lease();
        Mark mark = KEY.issue(number);
        lease.getMetadata().setAnnotations(Map.of(Api.MARK, mark.toString()));
        return lease;
    }

    private static Lease lease() {
        return new LeaseBuilder().withNewMetadata().endMetadata().build();
    }
}
