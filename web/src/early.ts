import { api, type Me, may, take } from './api/client';
import { Engine, wants, wasInCall } from './phone/engine';
import { Tab } from './tab';

const patience = 2_000; // ms that a call's sound may keep the screens waiting

// Early is what a page does before it is drawn. It asks who is signed in; and where the telephone was on when the page was left, it
// connects and has its sound again without waiting for the screens, which weigh far more: a call goes on over a reload.
class Early {
  tab?: Tab;
  engine?: Engine;
  private who?: Me;
  private asked?: Promise<Me>;

  // begin is settled when the screens may be drawn: at once, but where the page was left in a call that call's sound goes first, since
  // nothing else gets a turn while they are.
  async begin() {
    const asked = take<Me>(api.GET('/api/v1/session'));
    this.asked = asked;
    const sound = asked.then(
      (me) => this.telephone(me),
      () => {}, // who asks for the answer sees it
    );
    if (wasInCall()) await Promise.race([sound, new Promise((late) => setTimeout(late, patience))]);
  }

  private async telephone(me: Me) {
    if (!me.agent || !wants()) return;
    this.who = me;
    this.tab = new Tab(may(me, 'supervisor'));
    this.engine = new Engine(this.tab.line, me.agent);
    this.tab.begin();
    void this.engine.start();
    await this.engine.settled;
  }

  // session is who is signed in: what was asked first, and once that was taken the server is asked again.
  session(): Promise<Me> {
    const asked = this.asked ?? take<Me>(api.GET('/api/v1/session'));
    this.asked = undefined;
    return asked;
  }

  // of is the tab that was begun for somebody; undefined where there is none, or it has ended.
  of(id: string, agent?: string): Tab | undefined {
    return this.who?.id === id && this.who.agent === agent && !this.tab?.line.closed ? this.tab : undefined;
  }
}

export const early = new Early();
