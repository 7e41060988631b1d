// Sound is the microphone and the loudspeaker of a tab, and the WebRTC connections of its calls.

interface Connection {
  peer: RTCPeerConnection;
  stop: () => void;
}

const suppress = 'hotline.noise';

// quiet is whether the browser takes noise out of the microphone. It takes steady tones out too, which a sound check does not want.
export const quiet = () => localStorage.getItem(suppress) !== 'no';
export const setQuiet = (on: boolean) => localStorage.setItem(suppress, on ? 'yes' : 'no');

const lostAfter = 3_000; // ms that a connection may be disconnected before it is made anew

export class Sound {
  private microphone?: MediaStream;
  private connections = new Map<string, Connection>();
  private speaker = new Audio();
  private muted = false;

  constructor(
    private offer: (call: string, sdp: string) => Promise<string>,
    private lost: (call: string) => void,
  ) {
    this.speaker.autoplay = true;
  }

  // begin asks for the microphone; it must come from a click, so that the browser also lets us be heard.
  async begin() {
    this.microphone = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: quiet(), noiseSuppression: quiet(), autoGainControl: quiet() },
    });
    this.mute(this.muted);
  }

  get ready(): boolean {
    return this.microphone?.getAudioTracks().some((t) => t.readyState === 'live') ?? false;
  }

  has(call: string): boolean {
    return this.connections.has(call);
  }

  // connect makes the sound of a call, or makes it anew.
  async connect(call: string) {
    this.drop(call);
    if (!this.microphone) throw new Error('no microphone');
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connection = {
      peer,
      stop: () => {
        clearTimeout(timer);
        peer.close();
      },
    };
    this.connections.set(call, connection);
    for (const track of this.microphone.getAudioTracks()) peer.addTrack(track, this.microphone);
    peer.ontrack = (ev) => {
      this.speaker.srcObject = ev.streams[0] ?? new MediaStream([ev.track]);
      void this.speaker.play();
    };
    peer.onconnectionstatechange = () => {
      clearTimeout(timer);
      const gone = () => {
        if (this.connections.get(call) === connection) this.lost(call);
      };
      if (peer.connectionState === 'failed') gone();
      if (peer.connectionState === 'disconnected') timer = setTimeout(gone, lostAfter);
    };
    await peer.setLocalDescription(await peer.createOffer());
    const sdp = await this.offer(call, peer.localDescription?.sdp ?? '');
    await peer.setRemoteDescription({ type: 'answer', sdp });
  }

  // mute cuts the microphone in the browser: nothing of it leaves the machine.
  mute(on: boolean) {
    this.muted = on;
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !on;
  }

  drop(call: string) {
    this.connections.get(call)?.stop();
    this.connections.delete(call);
  }

  // keep drops every connection but those of the calls that go on.
  keep(calls: string[]) {
    for (const call of this.connections.keys()) if (!calls.includes(call)) this.drop(call);
  }

  end() {
    for (const call of this.connections.keys()) this.drop(call);
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.microphone = undefined;
  }
}
