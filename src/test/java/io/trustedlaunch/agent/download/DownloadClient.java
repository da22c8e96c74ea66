package io.trustedlaunch.agent.download;

import io.trustedlaunch.custody.SessionKey;
import io.trustedlaunch.download.DownloadFrame;
import io.trustedlaunch.download.DownloadReader;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** The user's side of a download, which keeps what it gets. */
final class DownloadClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int RECEIVE_BUFFER = 64 << 10;

    private final SSLSocket socket;

    /**
     * All that came.
     *
     * @param bytes of the disk
     * @param content zeros where nothing came
     * @param isEnded whether the agent said that this is all
     * @param error the agent's reason in the last frame
     */
    record Received(long bytes, byte[] content, long received, boolean isEnded, Optional<String> error) {}

    DownloadClient(SSLContext context, int port, String session) throws IOException {
        Socket plain = new Socket();
        plain.setReceiveBufferSize(RECEIVE_BUFFER);
        plain.connect(new InetSocketAddress("127.0.0.1", port));
        socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, port, true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        SessionKey.name(socket, session);
        socket.startHandshake();
    }

    DownloadClient request(long offset, long length) throws IOException {
        new DownloadRequest(offset, length).write(socket.getOutputStream());
        return this;
    }

    /** @param most bytes of the disk */
    Received receive(int most) throws IOException {
        DownloadReader in = new DownloadReader(socket.getInputStream());
        byte[] content = new byte[most];
        long received = 0;
        long bytes = in.begin();
        while (true) {
            switch (in.next()) {
                case DownloadFrame.Data(long offset, ByteBuffer data) -> {
                    received += data.remaining();
                    data.get(content, (int) offset, data.remaining());
                }
                case DownloadFrame.End end -> {
                    return new Received(bytes, content, received, true, Optional.empty());
                }
                case DownloadFrame.Failed(String why) -> {
                    return new Received(bytes, content, received, false, Optional.of(why));
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
