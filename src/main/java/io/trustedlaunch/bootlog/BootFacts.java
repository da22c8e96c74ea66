package io.trustedlaunch.bootlog;

import io.trustedlaunch.bootlog.Fact.Authority;
import io.trustedlaunch.bootlog.Fact.Measured;
import io.trustedlaunch.bootlog.Fact.SbatLevel;
import io.trustedlaunch.bootlog.Fact.SecureBootVariable;
import io.trustedlaunch.bootlog.Fact.Separator;
import io.trustedlaunch.bootlog.Fact.SignatureDatabase;
import io.trustedlaunch.bootlog.Fact.Text;
import io.trustedlaunch.bootlog.Fact.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a log says about a boot, by the registers that it replays to. Where a register is not that of the log, its events are no facts,
 * and what would follow from them is empty: unknown, not "none".
 */
public final class BootFacts {
    private static final int LOADERS = 4;
    private static final int SECURE_BOOT = 7;
    private static final int GRUB_TEXTS = 8;
    private static final int GRUB_FILES = 9;

    /** An event of a register that is that of the log, and what it says. */
    public record Finding(Event event, Fact fact) {}

    /**
     * @param databases PK, KEK, db and dbx
     * @param authorities in the order in which they verified an image
     * @param sbatLevel empty if no shim has measured it
     * @param others whatever else was measured
     */
    public record SecureBoot(
            boolean enabled,
            List<SignatureDatabase> databases,
            List<Authority> authorities,
            Optional<String> sbatLevel,
            List<Variable> others) {
        public SecureBoot {
            databases = List.copyOf(databases);
            authorities = List.copyOf(authorities);
            others = List.copyOf(others);
        }
    }

    private final SortedSet<Integer> replayed;
    private final List<Finding> findings;

    private BootFacts(SortedSet<Integer> replayed, List<Finding> findings) {
        this.replayed = Collections.unmodifiableSortedSet(replayed);
        this.findings = Collections.unmodifiableList(findings);
    }

    public static BootFacts of(EventLog log, Registers registers) {
        SortedSet<Integer> replayed = registers.same(log.replay());
        FactReader reader = new FactReader();
        List<Finding> findings = new ArrayList<>();
        for (Event event : log.events()) {
            if (replayed.contains(event.pcr())) {
                findings.add(new Finding(event, reader.read(event)));
            }
        }
        return new BootFacts(replayed, findings);
    }

    /**
     * The registers that the log replays to, from 0 to 15. PCR 10 is missing where Linux's IMA measures, which has a list of its own; the
     * others may be missing because a program in the guest has extended them since.
     */
    public SortedSet<Integer> replayed() {
        return replayed;
    }

    /** In the order of the log. */
    public List<Finding> findings() {
        return findings;
    }

    /**
     * Empty unless PCR 7 has a separator that is no error, and an event before it says whether Secure Boot is on; and if the data of any
     * of its events is not what was measured.
     */
    public Optional<SecureBoot> secureBoot() {
        if (!isExplained(SECURE_BOOT)
                || !separators(false).contains(SECURE_BOOT)
                || separators(true).contains(SECURE_BOOT)) {
            return Optional.empty();
        }
        return of(SECURE_BOOT, SecureBootVariable.class).stream()
                .findFirst()
                .map(variable -> new SecureBoot(
                        variable.enabled(),
                        of(SECURE_BOOT, SignatureDatabase.class),
                        of(SECURE_BOOT, Authority.class),
                        of(SECURE_BOOT, SbatLevel.class).stream()
                                .map(SbatLevel::date)
                                .findFirst(),
                        of(SECURE_BOOT, Variable.class)));
    }

    /** The programs of PCR 4, in order; also those which firmware, shim or GRUB have read and not started. */
    public Optional<List<Measured>> loaders() {
        return replayed.contains(LOADERS) ? Optional.of(of(LOADERS, Measured.class)) : Optional.empty();
    }

    /**
     * What GRUB has executed, and the kernel's command line. Empty if the data of any event of PCR 8 is not what was measured. A rule for
     * command lines must judge all of them: labels are not measured.
     */
    public Optional<List<Text>> grubTexts() {
        return isExplained(GRUB_TEXTS) ? Optional.of(of(GRUB_TEXTS, Text.class)) : Optional.empty();
    }

    /** Whether GRUB was told to measure nothing from then on: {@code rmmod tpm}. */
    public Optional<Boolean> measuringStopped() {
        return grubTexts()
                .map(texts -> texts.stream()
                        .map(text -> List.of(text.text().strip().split("\\s+")))
                        .anyMatch(words -> words.getFirst().equals("rmmod") && words.contains("tpm")));
    }

    /** What GRUB and the kernel's EFI stub have read. */
    public Optional<List<Measured>> files() {
        return replayed.contains(GRUB_FILES) ? Optional.of(of(GRUB_FILES, Measured.class)) : Optional.empty();
    }

    /**
     * The registers 0 to 7 that the firmware has separated from what it started; all eight in a boot by the book.
     *
     * @param error those with the separator that says that something failed instead
     */
    public SortedSet<Integer> separators(boolean error) {
        SortedSet<Integer> separated = new TreeSet<>();
        findings.stream()
                .filter(finding -> finding.fact() instanceof Separator separator && separator.error() == error)
                .forEach(finding -> separated.add(finding.event().pcr()));
        return separated;
    }

    private boolean isExplained(int pcr) {
        return replayed.contains(pcr) && of(pcr, Measured.class).isEmpty();
    }

    private <F extends Fact> List<F> of(int pcr, Class<F> kind) {
        return findings.stream()
                .filter(finding -> finding.event().pcr() == pcr)
                .map(Finding::fact)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }
}
