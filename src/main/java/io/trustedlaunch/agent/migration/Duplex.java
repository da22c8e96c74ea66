package io.trustedlaunch.agent.migration;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLSocket;

/** A connection whose two directions end independently. */
interface Duplex extends Closeable {
    /** Returns -1 when the other side has ended its direction. */
    int read(byte[] buffer) throws IOException;

    void write(byte[] bytes, int length) throws IOException;

    default InputStream stream() {
        return new BufferedInputStream(new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return Duplex.this.read(one) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                byte[] bytes = new byte[length];
                int count = Duplex.this.read(bytes);
                System.arraycopy(bytes, 0, buffer, offset, Math.max(0, count));
                return count;
            }
        });
    }

    void endOutput() throws IOException;

    /** Wakes the threads that wait on the connection. */
    @Override
    void close() throws IOException;

    static Duplex of(SocketChannel channel) {
        return new Duplex() {
            @Override
            public int read(byte[] buffer) throws IOException {
                return channel.read(ByteBuffer.wrap(buffer));
            }

            @Override
            public void write(byte[] bytes, int length) throws IOException {
                ByteBuffer left = ByteBuffer.wrap(bytes, 0, length);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
            }

            @Override
            public void endOutput() throws IOException {
                channel.shutdownOutput();
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    static Duplex of(TlsConnection connection) {
        SSLSocket socket = connection.socket();
        return new Duplex() {
            @Override
            public int read(byte[] buffer) throws IOException {
                return socket.getInputStream().read(buffer);
            }

            @Override
            public void write(byte[] bytes, int length) throws IOException {
                socket.getOutputStream().write(bytes, 0, length);
                socket.getOutputStream().flush();
            }

            @Override
            public void endOutput() throws IOException {
                socket.shutdownOutput();
            }

            @Override
            public void close() {
                connection.close();
            }
        };
    }
}
