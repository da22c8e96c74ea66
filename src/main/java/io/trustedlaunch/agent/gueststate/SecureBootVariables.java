package io.trustedlaunch.agent.gueststate;

import static java.nio.charset.StandardCharsets.UTF_16LE;

import io.trustedlaunch.api.vm.SecureBootState;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Reads from a file of UEFI variables whether Secure Boot is on, as EDK II decides it at each boot. */
public final class SecureBootVariables {
    private static final byte ENABLED = 1;

    /** A variable by its vendor's GUID, as it is stored, and its name. */
    private enum Variable {
        PLATFORM_KEY("61dfe48bca93d211aa0d00e098032b8c", "PK"),
        KEY_EXCHANGE_KEYS("61dfe48bca93d211aa0d00e098032b8c", "KEK"),
        ALLOWED("cbb219d73a3d9645a3bcdad00e67656f", "db"),
        REVOKED("cbb219d73a3d9645a3bcdad00e67656f", "dbx"),
        ENABLE("c70ba3f008af564599c4001009c93a44", "SecureBootEnable");

        private final byte[] vendor;
        private final byte[] stored;

        Variable(String vendor, String name) {
            this.vendor = HexFormat.of().parseHex(vendor);
            this.stored = (name + "\0").getBytes(UTF_16LE);
        }
    }

    private final UefiVariables variables;

    private SecureBootVariables(byte[] file) {
        this.variables = new UefiVariables(file);
    }

    /** Empty if the variables are being written or damaged: that says nothing about Secure Boot. */
    public static Optional<SecureBootState> state(byte[] file) {
        return UefiVariables.fault(file).isPresent()
                ? Optional.empty()
                : Optional.of(new SecureBootVariables(file).state());
    }

    private SecureBootState state() {
        boolean setupMode = value(Variable.PLATFORM_KEY).isEmpty();
        return new SecureBootState(
                !setupMode && isEnabled(),
                setupMode,
                microsoft(Variable.ALLOWED),
                microsoft(Variable.KEY_EXCHANGE_KEYS),
                value(Variable.REVOKED).map(SignatureLists::entries).orElse(0));
    }

    /** With a platform key and without this variable, firmware makes it, with Secure Boot on. */
    private boolean isEnabled() {
        return value(Variable.ENABLE)
                .map(content -> content.length > 0 && content[0] == ENABLED)
                .orElse(true);
    }

    private List<Integer> microsoft(Variable variable) {
        return value(variable).map(SignatureLists::microsoftYears).orElse(List.of());
    }

    private Optional<byte[]> value(Variable variable) {
        return variables.value(variable.vendor, variable.stored);
    }
}
