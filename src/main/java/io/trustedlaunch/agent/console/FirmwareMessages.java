package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.trustedlaunch.api.Messages;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the firmware (EDK II's boot manager, BdsDxe) has written to a guest's serial console of its boot loaders. Nothing else is told
 * of a refusal: no UEFI variable, no event of libvirt. A guest can write the same words, of itself alone. Pure.
 */
public final class FirmwareMessages {
    /** Not from the firmware's own volume: with Secure Boot on, Debian's firmware tries its own shell last, and refuses that, too. */
    private static final String OPTION = "(?![^\\r\\n]{0,300} from Fv\\()[^\\r\\n]{0,300}";

    /** Secure Boot's refusal is EFI_ACCESS_DENIED or, at the start of a loader, EFI_SECURITY_VIOLATION. */
    private static final Pattern REFUSED =
            Pattern.compile("BdsDxe: failed to (?:load|start) " + OPTION + ": (?:Access Denied|Security Violation)");

    private static final Pattern STARTED = Pattern.compile("BdsDxe: starting " + OPTION);

    private FirmwareMessages() {}

    /**
     * The firmware's words on the last boot loader that Secure Boot refused, if it has started none since.
     *
     * @param console the last of what was written, of any encoding
     */
    public static Optional<String> refusal(byte[] console) {
        String text = new String(console, ISO_8859_1);
        int lastStart = last(STARTED.matcher(text)).orElse(-1);
        Matcher refused = REFUSED.matcher(text);
        Optional<String> words = Optional.empty();
        for (boolean found = refused.find(lastStart + 1); found; found = refused.find()) {
            words = Optional.of(Messages.printable(refused.group()));
        }
        return words;
    }

    private static Optional<Integer> last(Matcher matcher) {
        Optional<Integer> last = Optional.empty();
        while (matcher.find()) {
            last = Optional.of(matcher.start());
        }
        return last;
    }
}
