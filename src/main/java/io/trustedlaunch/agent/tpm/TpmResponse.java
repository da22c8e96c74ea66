package io.trustedlaunch.agent.tpm;

/**
 * A TPM's response (TPM 2.0 Part 1, "Command/Response Structure").
 *
 * @param code TPM_RC; 0 is success
 * @param body handles, then the parameters, which are preceded by their size if there were sessions
 */
record TpmResponse(boolean sessions, int code, byte[] body) {
    static final int HEADER = 10;
    private static final int WITH_SESSIONS = 0x8002;

    static TpmResponse unmarshal(byte[] bytes) {
        TpmReader reader = new TpmReader(bytes);
        int tag = reader.u16();
        int size = reader.u32();
        int code = reader.u32();
        if (size != bytes.length) {
            throw new TpmException(new TpmFailure.ProtocolBroken(
                    "a response of the TPM has " + bytes.length + " bytes, and its header says " + size));
        }
        return new TpmResponse(tag == WITH_SESSIONS, code, reader.raw(size - HEADER));
    }

    boolean succeeded() {
        return code == 0;
    }

    /** The parameters that follow the given number of handles. */
    TpmReader parameters(int handles) {
        TpmReader reader = new TpmReader(body);
        for (int i = 0; i < handles; i++) {
            reader.u32();
        }
        return sessions ? new TpmReader(reader.raw(reader.u32())) : reader;
    }
}
