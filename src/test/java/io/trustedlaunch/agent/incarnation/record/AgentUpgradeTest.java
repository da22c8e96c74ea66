package io.trustedlaunch.agent.incarnation.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Call;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.incarnation.IncarnationFixture;
import io.trustedlaunch.agent.incarnation.World;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An agent is replaced by this one while a guest runs, of which it left a record in its own form. */
class AgentUpgradeTest {
    static final Path RECORDS = Path.of("src/test/resources/golden/records");

    private static final JsonMapper JSON = new JsonMapper();

    @ParameterizedTest
    @MethodSource("records")
    void aGuestRunsOnAndWhatItChangesLaterGoesHome(Path past, @TempDir Path root) throws IOException {
        World world = new World(root);
        VMIncarnation incarnation = world.incarnation(1, DesiredState.Running);
        world.pass(incarnation);
        Path record = root.resolve("memory").resolve(IncarnationFixture.VM + ".json");
        Files.writeString(record, inTheFormOf(past, record).toString());
        long calls = world.hypervisor.calls().size();

        world.restartAgent();
        world.pass(incarnation);

        assertThat(world.server.read(incarnation).getStatus().phase()).isEqualTo(Phase.Running);
        assertThat(world.hypervisor.find(IncarnationFixture.VM))
                .hasValueSatisfying(domain -> assertThat(domain.state()).isInstanceOf(DomainState.Running.class));
        assertThat(world.hypervisor.calls().stream().skip(calls).map(Call::operation))
                .doesNotContain(Operation.CREATE_PAUSED, Operation.DESTROY, Operation.RESUME);

        world.guestStores("later");
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);

        VMIncarnationStatus ended = world.server.read(incarnation).getStatus();
        assertThat(ended.phase()).isEqualTo(Phase.Stopped);
        assertThat(ended.guestState().complete()).isTrue();
        VMIncarnation next = world.incarnation(
                2, DesiredState.Running, ended.guestState().version().toString(), null);
        world.server.ownEpoch(2);
        world.pass(next);
        assertThat(world.stored()).isEqualTo("later");
    }

    static List<Path> records() throws IOException {
        try (Stream<Path> records = Files.list(RECORDS)) {
            return records.sorted().toList();
        }
    }

    /** The same record, with the fields that such a one has. */
    private static ObjectNode inTheFormOf(Path past, Path record) throws IOException {
        ObjectNode form = (ObjectNode) JSON.readTree(past.toFile());
        ObjectNode page = (ObjectNode) JSON.readTree(record.toFile());
        page.set("format", form.get("format"));
        ObjectNode fields = (ObjectNode) page.get("record");
        for (Iterator<String> names = fields.fieldNames(); names.hasNext(); ) {
            if (!form.get("record").has(names.next())) {
                names.remove();
            }
        }
        return page;
    }
}
