package io.trustedlaunch.agent.tpm;

import java.nio.ByteBuffer;

/** swtpm's own commands, over its control channel (tpm_ioctl.h and swtpm_ioctl(3)): the target of a migration is told them so. */
record SwtpmControl(SwtpmSocket socket) {
    private static final int INIT = 0x02;
    private static final int SET_STATEBLOB = 0x0D;

    /** PTM_BLOB_TYPE_PERMANENT, _VOLATILE and _SAVESTATE, in the order of {@link VtpmBlobs#all}. */
    private static final int FIRST_TYPE = 1;

    /** Gives the TPM its state, and lets it go on from there. Throws {@link TpmException}. */
    void resume(VtpmBlobs blobs) {
        int type = FIRST_TYPE;
        for (VtpmBlobs.Blob blob : blobs.all()) {
            if (blob.content().length > 0) {
                byte[] request = new TpmWriter()
                        .u32(SET_STATEBLOB)
                        .u32(blob.flags())
                        .u32(type)
                        .u32(blob.content().length)
                        .raw(blob.content())
                        .bytes();
                execute("CMD_SET_STATEBLOB of type " + type, request);
            }
            type++;
        }
        execute("CMD_INIT", new TpmWriter().u32(INIT).u32(0).bytes());
    }

    private void execute(String name, byte[] request) {
        socket.send(request);
        ByteBuffer answer = ByteBuffer.allocate(Integer.BYTES);
        socket.receive(answer);
        int code = answer.getInt(0);
        if (code != 0) {
            throw new TpmException(new TpmFailure.CommandRefused(name, code));
        }
    }
}
