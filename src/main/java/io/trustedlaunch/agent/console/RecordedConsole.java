package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.hypervisor.GuestConsole;
import java.nio.ByteBuffer;

/** A console that first shows what the guest has written before: a firmware that found nothing to boot says so once. */
public final class RecordedConsole implements GuestConsole {
    private final ByteBuffer earlier;
    private final GuestConsole live;

    /** @param earlier output, the end of which may come from the guest again */
    public RecordedConsole(byte[] earlier, GuestConsole live) {
        this.earlier = ByteBuffer.wrap(earlier);
        this.live = live;
    }

    @Override
    public int read(byte[] buffer) throws InterruptedException {
        if (!earlier.hasRemaining()) {
            return live.read(buffer);
        }
        int length = Math.min(buffer.length, earlier.remaining());
        earlier.get(buffer, 0, length);
        return length;
    }

    @Override
    public boolean write(byte[] bytes, int length) throws InterruptedException {
        return live.write(bytes, length);
    }

    @Override
    public void close() {
        live.close();
    }
}
