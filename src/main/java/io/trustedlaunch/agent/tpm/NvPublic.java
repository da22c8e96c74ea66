package io.trustedlaunch.agent.tpm;

/** The public area of an NV index (TPM 2.0 Part 2, TPMS_NV_PUBLIC). */
record NvPublic(int index, int nameAlgorithm, int attributes, int dataSize) {
    static NvPublic unmarshal(byte[] bytes) {
        TpmReader reader = new TpmReader(bytes);
        int index = reader.u32();
        int nameAlgorithm = reader.u16();
        int attributes = reader.u32();
        reader.sized(); // authPolicy
        return new NvPublic(index, nameAlgorithm, attributes, reader.u16());
    }
}
