// Sound is the microphone and the loudspeaker of a tab, and the WebRTC connections of its calls.

import { into, microphoneOf } from './devices';
import { type Quality, qualityOf } from './quality';

interface Connection {
  peer: RTCPeerConnection;
  stop: () => void;
  lost: () => void;
}

const suppress = 'hotline.noise';

// quiet is whether the browser takes noise out of the microphone. It takes steady tones out too, which a sound check does not want.
export const quiet = () => localStorage.getItem(suppress) !== 'no';
export const setQuiet = (on: boolean) => localStorage.setItem(suppress, on ? 'yes' : 'no');

const lostAfter = 3_000; // ms that a connection may be disconnected before it is made anew
const pause = 2_000; // ms before a waiting connection is tried again

// waiting is the connection of a tab that waits for calls: nothing is sent on it, but the server sees that sound would go through.
const waiting = '';

export class Sound {
  private microphone?: MediaStream;
  private connections = new Map<string, Connection>();
  private speaker = new Audio();
  private muted = false;
  private standing = false;
  private again?: ReturnType<typeof setTimeout>;

  // offer takes a description to the server, for a call or, without one, for a tab that waits; lost hears that a call's connection is gone,
  // changed that the microphone came or went.
  constructor(
    private offer: (call: string | undefined, sdp: string) => Promise<string>,
    private lost: (call: string) => void,
    private changed: () => void = () => {},
  ) {
    this.speaker.autoplay = true;
    window.addEventListener('online', () => this.online()); // as long as the page: there is one Sound in it
  }

  // online makes anew what lost its network: there is another one.
  private online() {
    for (const c of [...this.connections.values()]) if (c.peer.connectionState !== 'connected') c.lost();
  }

  // begin asks for the microphone; it must come from a click, so that the browser also lets us be heard.
  async begin() {
    this.microphone = await navigator.mediaDevices.getUserMedia({
      audio: microphoneOf(quiet()),
    });
    for (const track of this.microphone.getAudioTracks()) track.onended = () => this.changed();
    this.mute(this.muted);
  }

  // standBy shows the server, until the tab is no longer wanted, that its sound would go through.
  async standBy() {
    this.standing = true;
    clearTimeout(this.again);
    const retry = () => {
      clearTimeout(this.again);
      if (this.standing) this.again = setTimeout(() => void this.standBy(), pause);
    };
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    peer.addTransceiver('audio', { direction: 'inactive' });
    try {
      await this.join(waiting, peer, retry);
    } catch {
      retry(); // the server is away, or has no room: nothing rings here until it is back
    }
  }

  // standDown ends that.
  standDown() {
    this.standing = false;
    clearTimeout(this.again);
    this.drop(waiting);
  }

  get ready(): boolean {
    return this.microphone?.getAudioTracks().some((t) => t.readyState === 'live') ?? false;
  }

  has(call: string): boolean {
    return this.connections.has(call);
  }

  // connect makes the sound of a call, or makes it anew.
  async connect(call: string) {
    if (!this.microphone) throw new Error('no microphone');
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of this.microphone.getAudioTracks()) peer.addTrack(track, this.microphone);
    peer.ontrack = (ev) => {
      this.speaker.srcObject = ev.streams[0] ?? new MediaStream([ev.track]);
      void into(this.speaker, 'speaker').then(() => this.speaker.play());
    };
    await this.join(call, peer, () => this.lost(call));
  }

  // join connects a peer in place of an earlier one of the same name; lost hears of its end unless it was dropped.
  private async join(name: string, peer: RTCPeerConnection, lost: () => void) {
    this.drop(name);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connection = {
      peer,
      stop: () => {
        clearTimeout(timer);
        peer.close();
      },
      lost,
    };
    this.connections.set(name, connection);
    peer.onconnectionstatechange = () => {
      clearTimeout(timer);
      const gone = () => {
        if (this.connections.get(name) === connection) lost();
      };
      if (peer.connectionState === 'failed') gone();
      if (peer.connectionState === 'disconnected') timer = setTimeout(gone, lostAfter);
    };
    await peer.setLocalDescription(await peer.createOffer());
    const sdp = await this.offer(name || undefined, peer.localDescription?.sdp ?? '');
    await peer.setRemoteDescription({ type: 'answer', sdp });
  }

  // mute cuts the microphone in the browser: nothing of it leaves the machine.
  mute(on: boolean) {
    this.muted = on;
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !on;
  }

  // quality is how a call's sound comes through; undefined while nothing is known.
  async quality(call: string): Promise<Quality | undefined> {
    const stats = await this.connections.get(call)?.peer.getStats();
    return stats && qualityOf([...stats.values()]);
  }

  drop(call: string) {
    this.connections.get(call)?.stop();
    this.connections.delete(call);
  }

  // keep drops every connection but those of the calls that go on.
  keep(calls: string[]) {
    for (const name of this.connections.keys()) if (name !== waiting && !calls.includes(name)) this.drop(name);
  }

  end() {
    this.standDown();
    for (const call of this.connections.keys()) this.drop(call);
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.microphone = undefined;
  }
}
