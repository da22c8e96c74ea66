package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.migration.arrival.ArrivalExpectation;
import io.trustedlaunch.agent.seed.FakeIsoWriter;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.testkit.Incarnations;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalExpectationsTest {
    @TempDir
    private Path root;

    private final VMIncarnation arriving = Incarnations.incarnation(
            Incarnations.spec(2)
                    .arrival(new VMIncarnationSpec.Arrival(1L, "host-b", false, true))
                    .build(),
            null);

    private Optional<VMIncarnation> latest = Optional.of(arriving);
    private Optional<String> address = Optional.of("192.0.2.1");
    private FakeHypervisor hypervisor;
    private SeedDisc seeds;
    private ConsoleLogs consoleLogs;
    private ArrivalExpectations expectations;

    @BeforeEach
    void expect() {
        hypervisor = new FakeHypervisor(root);
        seeds = new SeedDisc(Accounts.ownerOf(root), root.resolve("run"), new FakeIsoWriter());
        consoleLogs = new ConsoleLogs(root.resolve("consoles"), Accounts.ownerOf(root));
        expectations = new ArrivalExpectations(vm -> latest, hypervisor, seeds, consoleLogs, () -> address);
    }

    @Test
    void aGuestIsExpectedAsThisNodeWouldStartIt() {
        ArrivalExpectation guest = expectations.of(VM, 2).orElseThrow();

        assertThat(guest.spec())
                .isEqualTo(DomainSpecs.of(
                        arriving.getSpec(),
                        VM,
                        Optional.empty(),
                        consoleLogs.of(VM),
                        GuestProcessor.of(hypervisor.host().acceleration())));
        assertThat(guest.variables()).isEqualTo(hypervisor.layout().variables(VM));
        assertThat(guest.firmware()).isEqualTo(hypervisor.host().firmware());
        assertThat(guest.copiesDisks()).isTrue();
        assertThat(guest.address()).isEqualTo("192.0.2.1");
    }

    @Test
    void itsDiscIsExpectedOnceItIsHere() {
        seeds.place(VM, new byte[1]);

        assertThat(expectations.of(VM, 2).orElseThrow().spec().seed())
                .isPresent()
                .isEqualTo(seeds.find(VM));
    }

    @Test
    void noOtherIncarnationIsExpected() {
        assertThat(expectations.of(VM, 3)).isEmpty();
        latest = Optional.of(Incarnations.incarnation(Incarnations.spec(2).build(), null));
        assertThat(expectations.of(VM, 2)).isEmpty();
        latest = Optional.empty();
        assertThat(expectations.of(VM, 2)).isEmpty();
    }

    @Test
    void nothingIsExpectedBeforeThisNodesAddressIsOnRecord() {
        address = Optional.empty();

        assertThat(expectations.of(VM, 2)).isEmpty();
    }
}
