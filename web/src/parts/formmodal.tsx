import { Form, type FormProps, Modal, type ModalProps } from 'antd';
import { useTranslation } from 'react-i18next';

interface Props<T> extends Pick<FormProps<T>, 'form' | 'initialValues' | 'children' | 'requiredMark'> {
  title: string;
  open?: boolean;
  okText?: string; // 保存 unless said otherwise
  busy?: boolean;
  ok?: ModalProps['okButtonProps'];
  width?: number;
  onFinish: (values: T) => unknown;
  onCancel: () => void;
}

// FormModal is a form in a window of its own: Cancel and Save at the right; Enter, and Ctrl+Enter in a text of several lines, saves, and Esc
// closes.
export function FormModal<T>({
  title,
  open = true,
  okText,
  busy,
  ok,
  width,
  form: given,
  onFinish,
  onCancel,
  children,
  ...rest
}: Props<T>) {
  const { t } = useTranslation();
  const [own] = Form.useForm<T>();
  const form = given ?? own;
  return (
    <Modal
      open={open}
      title={title}
      width={width}
      okText={okText ?? t('act.save')}
      okButtonProps={{ htmlType: 'submit', loading: busy, ...ok }}
      onCancel={onCancel}
      destroyOnHidden
      modalRender={(window) => (
        <Form<T>
          form={form}
          layout="vertical"
          onFinish={onFinish}
          onKeyDown={(e) => {
            if (e.key !== 'Enter') return;
            if (e.ctrlKey || e.metaKey) {
              e.preventDefault();
              if (!busy) form.submit();
            } else if ((e.target as Element).closest('.ant-picker')) e.preventDefault(); // there it chooses
          }}
          clearOnDestroy
          {...rest}
        >
          {window}
        </Form>
      )}
    >
      {children as React.ReactNode}
    </Modal>
  );
}
