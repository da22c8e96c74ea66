package io.trustedlaunch.agent.tpm;

import java.util.List;

/**
 * A TPM command (TPM 2.0 Part 1, "Command/Response Structure"; the commands are in Part 3). All authorizations are empty
 * passwords.
 *
 * @param sessions the number of handles that need an authorization
 */
record TpmCommand(int code, List<Integer> handles, int sessions, byte[] parameters) {
    /** TPM_RH_ENDORSEMENT, the root of a hierarchy like TPM_RH_PLATFORM (Part 2, "TPM_RH"). */
    static final int ENDORSEMENT = 0x4000000B;

    static final int PLATFORM = 0x4000000C;

    private static final int HEADER = 10;
    private static final int NO_SESSIONS = 0x8001;
    private static final int SESSIONS = 0x8002;
    private static final int PASSWORD = 0x40000009;

    private static final int CLEAR = 0x126;
    private static final int CLEAR_CONTROL = 0x127;
    private static final int CREATE_PRIMARY = 0x131;
    private static final int STARTUP = 0x144;
    private static final int READ_PUBLIC = 0x173;
    private static final int PCR_READ = 0x17E;
    private static final int READ_CLOCK = 0x181;

    private static final int SHA256 = 0x000B;
    private static final int SELECTION_BYTES = 3;

    TpmCommand {
        handles = List.copyOf(handles);
    }

    /** TPM2_ClearControl(platform, NO): a guest may have disabled TPM2_Clear. */
    static TpmCommand allowClear() {
        return new TpmCommand(CLEAR_CONTROL, List.of(PLATFORM), 1, new byte[] {0});
    }

    /** TPM2_Clear(platform): empties the endorsement authorization, keeps the endorsement seed. */
    static TpmCommand clear() {
        return new TpmCommand(CLEAR, List.of(PLATFORM), 1, new byte[0]);
    }

    /** TPM2_CreatePrimary(endorsement, template): derives the same key from the seed each time. */
    static TpmCommand createEndorsementKey(byte[] template) {
        byte[] noAuthorizationNoData = new TpmWriter().u16(0).u16(0).bytes();
        byte[] parameters = new TpmWriter()
                .sized(noAuthorizationNoData)
                .sized(template)
                .sized(new byte[0]) // outsideInfo
                .u32(0) // no PCR goes into the creation data
                .bytes();
        return new TpmCommand(CREATE_PRIMARY, List.of(ENDORSEMENT), 1, parameters);
    }

    static TpmCommand readPublic(int handle) {
        return new TpmCommand(READ_PUBLIC, List.of(handle), 0, new byte[0]);
    }

    /** TPM2_PCR_Read of one register of the SHA-256 bank. */
    static TpmCommand readRegister(int pcr) {
        byte[] selection = new byte[SELECTION_BYTES];
        selection[pcr / Byte.SIZE] = (byte) (1 << pcr % Byte.SIZE);
        byte[] oneBank = new TpmWriter()
                .u32(1)
                .u16(SHA256)
                .u8(SELECTION_BYTES)
                .raw(selection)
                .bytes();
        return new TpmCommand(PCR_READ, List.of(), 0, oneBank);
    }

    /** TPM2_Startup(CLEAR). */
    static TpmCommand startUp() {
        return new TpmCommand(STARTUP, List.of(), 0, new byte[] {0, 0});
    }

    static TpmCommand readClock() {
        return new TpmCommand(READ_CLOCK, List.of(), 0, new byte[0]);
    }

    byte[] marshal() {
        TpmWriter body = new TpmWriter();
        handles.forEach(body::u32);
        if (sessions > 0) {
            byte[] authorizations = emptyPasswords();
            body.u32(authorizations.length).raw(authorizations);
        }
        byte[] rest = body.raw(parameters).bytes();
        return new TpmWriter()
                .u16(sessions > 0 ? SESSIONS : NO_SESSIONS)
                .u32(HEADER + rest.length)
                .u32(code)
                .raw(rest)
                .bytes();
    }

    private byte[] emptyPasswords() {
        TpmWriter area = new TpmWriter();
        for (int i = 0; i < sessions; i++) {
            area.u32(PASSWORD).sized(new byte[0]).u8(0).sized(new byte[0]);
        }
        return area.bytes();
    }
}
