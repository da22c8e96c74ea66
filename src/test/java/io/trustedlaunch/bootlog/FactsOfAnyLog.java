package io.trustedlaunch.bootlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.bootlog.Fact.Measured;
import io.trustedlaunch.bootlog.Fact.Text;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What holds for whatever somebody delivers as the log of a boot: it says what the real one says, or that it does not know. */
final class FactsOfAnyLog {
    private final Registers registers;
    private final BootFacts real;

    FactsOfAnyLog(String name) {
        this.registers = Logs.registers(name);
        this.real = Logs.facts(name);
    }

    /** Whether the bytes are a log; fails if it says something else of the boot than the real one. */
    boolean check(byte[] bytes) {
        EventLog log;
        try {
            log = EventLog.parse(bytes);
        } catch (EventLogException e) {
            assertThat(e.getMessage()).hasSizeLessThan(200);
            assertThat(e.offset()).isBetween(0, bytes.length);
            return false;
        }
        assertThat(log.events()).hasSizeLessThanOrEqualTo(EventLog.MAX_EVENTS);
        assertThat(log.events().stream().mapToLong(event -> event.data().length).sum())
                .isLessThan(bytes.length);
        BootFacts facts = BootFacts.of(log, registers);
        assertThat(real.replayed()).containsAll(facts.replayed());
        assertSame(facts.secureBoot(), real.secureBoot());
        assertSame(texts(facts), texts(real));
        assertSame(facts.measuringStopped(), real.measuringStopped());
        assertSame(digests(facts.files()), digests(real.files()));
        digests(facts.loaders())
                .ifPresent(loaders ->
                        assertThat(loaders).containsAll(digests(real.loaders()).orElseThrow()));
        for (boolean error : new boolean[] {true, false}) {
            assertThat(facts.separators(error))
                    .isEqualTo(real.separators(error).stream()
                            .filter(facts.replayed()::contains)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        // Of its own registers, anything may be said.
        assertThat(BootFacts.of(log, log.replay()).findings())
                .hasSameSizeAs(log.events().stream()
                        .filter(event -> event.pcr() < Registers.COUNT)
                        .toList());
        return true;
    }

    private static <T> void assertSame(Optional<T> said, Optional<T> real) {
        said.ifPresent(fact -> assertThat(Optional.of(fact)).isEqualTo(real));
    }

    private static Optional<List<String>> texts(BootFacts facts) {
        return facts.grubTexts().map(texts -> texts.stream().map(Text::text).toList());
    }

    private static Optional<List<String>> digests(Optional<List<Measured>> measured) {
        return measured.map(all -> all.stream().map(Measured::sha256).toList());
    }
}
