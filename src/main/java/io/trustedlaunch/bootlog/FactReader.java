package io.trustedlaunch.bootlog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.Messages;
import io.trustedlaunch.bootlog.DevicePath.LoadOption;
import io.trustedlaunch.bootlog.Fact.Authority;
import io.trustedlaunch.bootlog.Fact.BootOption;
import io.trustedlaunch.bootlog.Fact.Measured;
import io.trustedlaunch.bootlog.Fact.Nothing;
import io.trustedlaunch.bootlog.Fact.SbatLevel;
import io.trustedlaunch.bootlog.Fact.SecureBootVariable;
import io.trustedlaunch.bootlog.Fact.Separator;
import io.trustedlaunch.bootlog.Fact.Text;
import io.trustedlaunch.bootlog.Fact.Variable;
import io.trustedlaunch.custody.Sha256;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the fact in each event of a log, in order. Facts follow from register, digest and place alone, and from data of which the digest
 * is the digest: who writes a log chooses the rest. So types decide only about labels; a separator is known by its digest, and
 * a variable by its data.
 */
final class FactReader {
    private static final int LAST_FIRMWARE_PCR = 7;
    private static final int BOOT_VARIABLES = 1;
    private static final int LOADERS = 4;
    private static final int SECURE_BOOT = 7;
    private static final int GRUB_TEXTS = 8;
    private static final int GRUB_FILES = 9;
    private static final int SHIM_LISTS = 14;

    /** TCG PC Client Platform Firmware Profile, section "Event Types", EV_SEPARATOR; true is an error. */
    private static final Map<String, Boolean> SEPARATORS = Map.of(
            Sha256.of(new byte[] {0, 0, 0, 0}), false,
            Sha256.of(new byte[] {-1, -1, -1, -1}), false,
            Sha256.of(new byte[] {1, 0, 0, 0}), true);
    /** In PCR 4, a longer one may be the hashed bytes of a program. A PE header alone has more. */
    private static final int MAX_ACTION = 128;

    private static final List<String> GRUB_LABELS = List.of("grub_cmd", "kernel_cmdline", "module_cmdline");
    private static final Set<String> DATABASES = Set.of("PK", "KEK", "db", "dbx");
    private static final Pattern SBAT = Pattern.compile("sbat,\\d{1,9},(\\d{10})\n[\\x20-\\x7e\n]*");
    private static final int EVENT_TAG_HEADER = 8;

    private final Set<Integer> separated = new HashSet<>();
    private final Set<String> variables = new HashSet<>();

    Fact read(Event event) {
        if (event.isOf(EventType.EV_NO_ACTION)) {
            return new Nothing();
        }
        Boolean separator = event.pcr() <= LAST_FIRMWARE_PCR ? SEPARATORS.get(event.sha256()) : null;
        if (separator != null) {
            separated.add(event.pcr());
            return new Separator(separator);
        }
        return switch (event.pcr()) {
            case BOOT_VARIABLES -> bootOption(event).or(() -> text(event)).orElseGet(() -> measured(event, ""));
            case LOADERS -> action(event).orElseGet(() -> measured(event, imagePath(event)));
            case SECURE_BOOT -> variable(event).or(() -> text(event)).orElseGet(() -> measured(event, ""));
            case GRUB_TEXTS -> grubText(event).orElseGet(() -> measured(event, ""));
            case GRUB_FILES, SHIM_LISTS -> measured(event, name(event));
            default -> text(event).orElseGet(() -> measured(event, ""));
        };
    }

    private static Fact measured(Event event, String label) {
        return new Measured(event.sha256(), Texts.shown(label));
    }

    private static Optional<Fact> text(Event event) {
        return event.data().length <= Messages.MAX_LENGTH && event.isDigestOf(event.data())
                ? Texts.pure(event.data()).map(text -> new Text(text, ""))
                : Optional.empty();
    }

    private static Optional<Fact> action(Event event) {
        return event.data().length <= MAX_ACTION ? text(event) : Optional.empty();
    }

    private Optional<Fact> variable(Event event) {
        if (!event.isDigestOf(event.data())) {
            return Optional.empty();
        }
        try {
            UefiVariable variable = UefiVariable.parse(event.data());
            boolean first = variables.add(variable.vendor() + variable.name());
            return Optional.of(first ? firstOf(variable) : later(variable));
        } catch (EventLogException notOne) {
            return Optional.empty();
        }
    }

    /** Before the separator, these are what the firmware started with; after it, anyone can have measured them. */
    private Fact firstOf(UefiVariable variable) throws EventLogException {
        if (variable.is(UefiVariable.SHIM_LOCK, "SbatLevel")) {
            Matcher sbat = SBAT.matcher(new String(variable.value(), US_ASCII));
            return sbat.matches() ? new SbatLevel(sbat.group(1)) : later(variable);
        }
        if (separated.contains(SECURE_BOOT)) {
            return later(variable);
        }
        if (variable.is(UefiVariable.GLOBAL, "SecureBoot")) {
            return new SecureBootVariable(variable.value().length == 1 && variable.value()[0] == 1);
        }
        boolean database = DATABASES.contains(variable.name())
                && (variable.vendor().equals(UefiVariable.GLOBAL)
                        || variable.vendor().equals(UefiVariable.IMAGE_SECURITY));
        return database ? variable.signatures() : later(variable);
    }

    private static Fact later(UefiVariable variable) {
        String name = Texts.shown(variable.name());
        return variable.authority()
                .<Fact>map(sha256 -> new Authority(name, sha256))
                .orElseGet(() -> new Variable(name, Sha256.of(variable.value())));
    }

    /** The digest of an EV_EFI_VARIABLE_BOOT is that of the variable's value, that of an EV_EFI_VARIABLE_BOOT2 is of all. */
    private static Optional<Fact> bootOption(Event event) {
        try {
            UefiVariable variable = UefiVariable.parse(event.data());
            if (!event.isDigestOf(variable.value()) && !event.isDigestOf(event.data())) {
                return Optional.empty();
            }
            LoadOption option = LoadOption.parse(variable.value());
            return Optional.of(new BootOption(Texts.shown(variable.name()), option.description(), option.path()));
        } catch (EventLogException notOne) {
            return Optional.empty();
        }
    }

    /** GRUB measures the text alone; the event's data has a label before and a NUL behind it. */
    private static Optional<Fact> grubText(Event event) {
        if (event.data().length > Messages.MAX_LENGTH) {
            return Optional.empty();
        }
        String data = new String(Texts.trimmed(event.data()), UTF_8);
        for (String label : GRUB_LABELS) {
            Optional<String> text = Optional.of(data)
                    .filter(whole -> whole.startsWith(label + ": "))
                    .map(whole -> whole.substring(label.length() + 2))
                    .filter(candidate -> event.isDigestOf(candidate.getBytes(UTF_8)));
            if (text.isPresent()) {
                return text.map(measured -> new Text(Messages.printable(measured), label));
            }
        }
        return text(event);
    }

    private static String name(Event event) {
        byte[] data = event.data();
        boolean tagged = event.isOf(EventType.EV_EVENT_TAG) && data.length > EVENT_TAG_HEADER;
        return Texts.utf8(tagged ? Arrays.copyOfRange(data, EVENT_TAG_HEADER, data.length) : data);
    }

    /** Of an EFI_IMAGE_LOAD_EVENT; empty where a loader has measured what it has read itself. */
    private static String imagePath(Event event) {
        try {
            EventReader image = new EventReader(event.data());
            image.bytes(3 * Long.BYTES);
            return DevicePath.files(image.bytes(image.length()));
        } catch (EventLogException notOne) {
            return "";
        }
    }
}
