package io.trustedlaunch.cli.plugin.capture;

import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.catalog.ImageFile;
import io.trustedlaunch.cli.plugin.download.DiskFile;
import io.trustedlaunch.cli.plugin.download.PartFile;
import io.trustedlaunch.cli.plugin.qcow2.Qcow2Writer;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk that is received as a qcow2 file, which gets its name when its digest is known. */
public final class CapturedImage implements DiskFile {
    private final PartFile file;
    private final boolean compress;
    private Qcow2Writer writer;
    private ImageFile read;

    /** @param file stays the caller's to close */
    public CapturedImage(PartFile file, boolean compress) {
        this.file = file;
        this.compress = compress;
    }

    @Override
    public void write(long at, ByteBuffer part, long bytes) throws IOException {
        writer(bytes).write(at, part);
    }

    @Override
    public void publish(long bytes) throws IOException {
        long written = writer(bytes).finish();
        // What is in the file now, not what was meant to be.
        read = ImageFile.read(file.unfinished())
                .orElseThrow(() -> new IOException("what was written is not a disk image"));
        file.publish(written);
    }

    private Qcow2Writer writer(long bytes) {
        if (writer == null) {
            if (bytes < Qcow2Writer.SECTOR || bytes > Qcow2Writer.LARGEST || bytes % Qcow2Writer.SECTOR != 0) {
                throw new CommandException(
                        "the disk has " + bytes + " bytes, of which no image can be made: that takes a"
                                + " multiple of " + Qcow2Writer.SECTOR + ", and at most " + Qcow2Writer.LARGEST);
            }
            writer = new Qcow2Writer(file::write, bytes, compress);
        }
        return writer;
    }

    /** What is in the file that has its name. */
    public ImageFile read() {
        return read;
    }
}
