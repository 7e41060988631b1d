import {
  Background,
  type Connection,
  Controls,
  type Edge,
  Handle,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useNodesState,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { createContext, useContext, useEffect, useMemo } from 'react';
import { useDark } from '../../look';
import { arrange, stepWidth } from './arrange';
import { ends, type Flow, type Path, type Place, type Step, type Way } from './model';
import { useFlowWords } from './words';

export type Mark = 'error' | 'warning';

// Marked is what a node looks like besides what it is.
interface Marked {
  marks: Map<string, Mark>; // by the name of the node
  start: string;
  current?: string; // where a rehearsal is
  passed: Set<string>; // where it has been
}
const Marks = createContext<Marked>({ marks: new Map(), start: '', passed: new Set() });

type Drawn = Node<{ step: Step }, 'step'>;

// wayName is a way out as people say it.
export function useWayName() {
  const t = useFlowWords();
  return (path: Path) => {
    const last = path.at(-1) ?? '';
    if (path[0] === 'keys') return t('way.key', { key: last });
    if (path[0] === 'regions') return last;
    return t(`way.${last === 'then' ? 'holds' : last}`, { defaultValue: last });
  };
}

// summary is the one thing of a node that tells it from others of its type.
function summary(step: Step): string {
  const v = step.values;
  const said = (x: unknown): string =>
    typeof x === 'string' ? x : Array.isArray(x) ? x.map(said).join(' ') : x && typeof x === 'object' ? said(Object.values(x)) : '';
  return said(v.prompts ?? v.queue ?? v.calendar ?? v.topic ?? v.flow ?? v.if ?? v.url ?? v.targets ?? v.into ?? v.vars ?? v.for ?? '');
}

function Out({ way }: { way: Way }) {
  const t = useFlowWords();
  const name = useWayName();
  const ended = ends.includes(way.to);
  return (
    <div className={`step-way${way.to === '' ? ' step-loose' : ''}${way.to === '' && way.need ? ' step-missing' : ''}`}>
      <span>{name(way.path)}</span>
      {ended ? <span className="step-end">{t(`end.${way.to}`)}</span> : null}
      <Handle type="source" position={Position.Right} id={way.path.join('/')} />
    </div>
  );
}

function StepBox({ data: { step }, selected }: NodeProps<Drawn>) {
  const t = useFlowWords();
  const { marks, start, current, passed } = useContext(Marks);
  const mark = marks.get(step.name);
  const looks = ['step', selected ? 'step-on' : '', mark ? `step-${mark}` : '', current === step.name ? 'step-current' : ''];
  if (passed.has(step.name)) looks.push('step-passed');
  const about = summary(step);
  return (
    <div className={looks.join(' ')} style={{ width: stepWidth }}>
      <Handle type="target" position={Position.Left} />
      <div className="step-head">
        <b>{step.name}</b>
        {start === step.name ? <span className="step-start">{t('edit.start')}</span> : null}
        <span className="step-type">{t(`kind.${step.type}`, { defaultValue: step.type })}</span>
      </div>
      {about ? (
        <div className="step-about" title={about}>
          {about}
        </div>
      ) : null}
      {step.ways.map((w) => (
        <Out key={w.path.join('/')} way={w} />
      ))}
    </div>
  );
}

const readable = 0.7; // the least zoom at which nodes can be read

const nodeTypes = { step: StepBox };

interface Props extends Omit<Marked, 'start'> {
  flow: Flow;
  chosen?: string;
  onChoose: (name: string | undefined) => void;
  onConnect: (from: string, path: Path, to: string) => void;
  onLoose: (from: string, path: Path) => void;
  onRemove: (names: string[]) => void;
  onPlace: (at: Record<string, Place>) => void;
}

function Graph({ flow, chosen, marks, current, passed, onChoose, onConnect, onLoose, onRemove, onPlace }: Props) {
  const t = useFlowWords();
  const [dark] = useDark();
  const { fitView, setViewport, getViewport, setCenter } = useReactFlow();
  const [nodes, setNodes, onNodesChange] = useNodesState<Drawn>([]);
  const auto = useMemo(() => arrange(flow), [flow]);
  useEffect(() => {
    setNodes(
      flow.steps.map((step) => ({
        id: step.name,
        type: 'step' as const,
        position: step.at ?? auto[step.name] ?? { x: 0, y: 0 },
        data: { step },
        selected: step.name === chosen,
      })),
    );
  }, [flow, auto, chosen, setNodes]);
  const edges: Edge[] = flow.steps.flatMap((s) =>
    s.ways
      .filter((w) => flow.steps.some((x) => x.name === w.to))
      .map((w) => ({
        id: `${s.name}>${w.path.join('/')}`,
        source: s.name,
        target: w.to,
        sourceHandle: w.path.join('/'),
        className: passed.has(s.name) && passed.has(w.to) ? 'way-passed' : undefined,
        selectable: true,
      })),
  );
  const count = flow.steps.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another flow, or its first nodes, are looked at whole
  useEffect(() => {
    // All of it where it can be read so; otherwise from its start on.
    const timer = setTimeout(async () => {
      await fitView({ padding: 0.06, maxZoom: 1 });
      if (getViewport().zoom < readable) await setViewport({ x: 24, y: 40, zoom: readable });
    }, 60);
    return () => clearTimeout(timer);
  }, [fitView, setViewport, getViewport, flow.id, count === 0]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the graph follows the call, not each change of a place
  useEffect(() => {
    const at = nodes.find((n) => n.id === current);
    if (at) void setCenter(at.position.x + stepWidth / 2, at.position.y + 60, { zoom: getViewport().zoom, duration: 300 });
  }, [current]);
  return (
    <Marks.Provider value={{ marks, start: flow.start, current, passed }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={dark ? 'dark' : 'light'}
        minZoom={0.15}
        deleteKeyCode={['Delete', 'Backspace']}
        onNodesChange={onNodesChange}
        onNodeClick={(_, n) => onChoose(n.id)}
        onPaneClick={() => onChoose(undefined)}
        onConnect={(c: Connection) => c.sourceHandle && onConnect(c.source, c.sourceHandle.split('/'), c.target)}
        onBeforeDelete={async ({ nodes: gone, edges: loose }) => {
          // The text is what is edited: the graph follows it.
          if (gone.length > 0) onRemove(gone.map((n) => n.id));
          else for (const e of loose) if (e.sourceHandle) onLoose(e.source, e.sourceHandle.split('/'));
          return false;
        }}
        onNodeDragStop={() => onPlace(Object.fromEntries(nodes.map((n) => [n.id, n.position])))}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
        <MiniMap pannable zoomable ariaLabel={t('edit.map')} style={{ width: 160, height: 90 }} />
      </ReactFlow>
    </Marks.Provider>
  );
}

// Canvas draws a flow: nodes to be moved, joined and chosen. What is done to it goes back to the text.
export const Canvas = (props: Props) => (
  <ReactFlowProvider>
    <Graph {...props} />
  </ReactFlowProvider>
);
